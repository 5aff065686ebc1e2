package pid1

// What the services' supervisor and the process that has started it tell each other.
const (
	// DetachedVariable, in the environment, is the number of the descriptor that a
	// supervisor writes a byte to when it has tried to start each service.
	DetachedVariable = "KEG_BOOT_DETACHED"

	// DetachedFile is that number: the first after the standard streams.
	DetachedFile = "3"

	// EndedAsTold is the exit status of a supervisor that somebody else has told to
	// end, and that has done so, but for something that it could not remove.
	EndedAsTold = 3
)
