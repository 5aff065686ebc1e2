// Package bundle carries out one of LinuxKit's bundles: a directory with a
// config.json, and a runtime.json that says what is mounted, made and connected
// for the container. Both are read and checked before anything is done, and
// what a failure has left is taken back.
//
// It is not for the order of bundles (package sequence), nor for keeping
// containers running (package service); the container itself is keg's own
// create, start and delete.
package bundle
