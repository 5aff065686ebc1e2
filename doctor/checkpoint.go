package doctor

const subjectCheckpoint = "checkpoints"

func examineCheckpoint(m *machine) []Finding {
	found := ok(subjectCheckpoint, "CRIU", "", "checkpoint and restore of containers")
	path, err := lookInSystem("criu")
	if err != nil {
		return []Finding{found.bad(Note, "is not installed", m.install.of(software{"CRIU", "criu", "criu", "criu", "criu", "criu"}))}
	}
	found.Found = versionOf(path, m.Patience, "--version") + " (" + path + ")"
	return []Finding{found}
}
