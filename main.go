// Parley is a group chat that anyone can run on their own network: one command, one binary, one data folder.
package main

import (
	"embed"
	"io/fs"
	"os"

	"parley/internal/cli"
)

//go:embed config.yaml
var settings []byte

//go:embed views static
var files embed.FS

// version is set by the linker in builds that have one.
var version = "dev"

func main() {
	os.Exit(cli.Run(cli.Program{
		Version:  version,
		Settings: settings,
		Views:    folder("views"),
		Static:   folder("static"),
		Args:     os.Args[1:],
		Env:      os.Environ(),
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
	}))
}

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}
