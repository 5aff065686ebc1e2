module github.com/keg-project/keg/test/seccomp

go 1.26.0

require (
	github.com/keg-project/keg v0.0.0
	github.com/opencontainers/runtime-spec v1.3.0
)

replace github.com/keg-project/keg => ../..
