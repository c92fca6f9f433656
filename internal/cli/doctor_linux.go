package cli

import "syscall"

// filesystems are the kinds that doctor names, by the numbers of statfs(2).
var filesystems = map[int64]disk{
	0xEF53: {kind: "ext4"}, 0x58465342: {kind: "xfs"}, 0x9123683E: {kind: "btrfs"}, 0x2FC12FC1: {kind: "zfs"}, 0xF2F52010: {kind: "f2fs"},
	0x794C7630: {kind: "overlay"}, 0x4d44: {kind: "vfat"}, 0x2011BAB0: {kind: "exfat"}, 0x65735546: {kind: "fuse"},
	0x6969: {kind: "nfs", network: true}, 0xFF534D42: {kind: "cifs", network: true}, 0xFE534D42: {kind: "smb", network: true},
	0x517B: {kind: "smb", network: true}, 0x01021997: {kind: "9p", network: true}, 0x00C36400: {kind: "ceph", network: true},
	0x01021994: {kind: "tmpfs", memory: true}, 0x858458F6: {kind: "ramfs", memory: true},
}

// diskOf tells of the disk that a folder is on.
func diskOf(folder string) (disk, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(folder, &s) != nil {
		return disk{}, false
	}
	d, known := filesystems[int64(uint32(s.Type))] //nolint:unconvert // its type differs between machines
	if !known {
		d.kind = "a disk"
	}
	const readOnly = 1 // ST_RDONLY
	d.readOnly = s.Flags&readOnly != 0
	d.free = int64(s.Bavail) * int64(s.Bsize) //nolint:unconvert // as above
	return d, true
}

// clockSynchronised reports whether something keeps the clock right, as far as the kernel knows.
func clockSynchronised() (synchronised, known bool) {
	var t syscall.Timex // asks, and sets nothing
	state, err := syscall.Adjtimex(&t)
	const unsynchronised = 5 // TIME_ERROR
	return state != unsynchronised, err == nil
}
