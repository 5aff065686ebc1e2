// Package service keeps LinuxKit's services running: it starts them in order,
// restarts what fails, stops them with patience, keeps their logs, and answers
// on a socket. It finds its services again after it has been killed.
//
// It is not for what a bundle needs around its container (boot/bundle), nor for
// bundles that run once (boot/sequence).
package service
