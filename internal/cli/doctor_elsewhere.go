//go:build !linux

package cli

// diskOf knows nothing where statfs(2) is another.
func diskOf(string) (disk, bool) { return disk{}, false }

// clockSynchronised knows nothing where the kernel doesn't tell.
func clockSynchronised() (synchronised, known bool) { return false, false }
