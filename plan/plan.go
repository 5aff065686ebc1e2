// Package plan compiles a config.json into the list of steps that make the
// container: a pure function of the specification and of host facts.
package plan

// Plan is everything that will happen until the container's program runs.
type Plan struct {
}
