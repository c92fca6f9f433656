//go:build !unix

package load

import "os"

func (*Bench) raiseFileLimit() {}

func (*Bench) enoughFiles(int) error { return nil }

func interrupt(p *os.Process) { _ = p.Kill() } // there is no gentler way

func ownUsage() (Usage, error) { return Usage{}, errUnknown }
