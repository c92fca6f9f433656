//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// built is where programs are built, from the root of the project, and npm is what there is from npm.
const (
	built = ".cache/peers"
	npm   = built + "/node_modules"
)

// folder is the place of something beside this file, from the root of the project.
func folder(name string) string {
	return filepath.Join("internal/load/peers", name)
}

// compileLimit takes the compiler that Go's race detector needs too.
func compileLimit(into string) []string {
	return []string{"gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", into, folder("limit/limit.c")}
}

// buildModule builds a peer in Go, which is a module of its own.
func buildModule(name, into string) []string {
	return []string{"go", "build", "-C", folder(name), "-o", into, "."}
}

// buildParley builds what is measured, and what measures: both are one program.
func buildParley(into string) []string {
	return []string{"go", "build", "-o", into, "."}
}

// program is where a program is built.
func program(into, name string) string { return filepath.Join(into, name) }

// build runs in the root of the project what has a program built, if anything has to be.
func build(ctx context.Context, root string, command []string) error {
	if len(command) == 0 {
		return nil
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = root
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	return nil
}
