package upload

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// PathIn is where the bytes of a file lie in a folder of files.
func PathIn(folder, id string) string { return filepath.Join(folder, id[:shardLength], id) }

// Missing reports whether the bytes of a file are not as they should be in a folder of files.
func Missing(folder string, f *File) bool {
	info, err := os.Stat(PathIn(folder, f.ID))
	return err != nil || info.Size() != f.Size
}

// Save puts the bytes of a file into another folder of files, with its small picture. Bytes never change, so that where the disk knows
// links nothing is copied. It returns [ErrNotFound] where the file was removed meanwhile.
func Save(from, to string, f *File) error {
	folder := filepath.Dir(PathIn(to, f.ID))
	if err := os.MkdirAll(folder, folderRights); err != nil {
		return err
	}
	endings := []string{""}
	if f.ThumbType != "" {
		endings = append(endings, thumbEnding)
	}
	for _, ending := range endings {
		err := link(PathIn(from, f.ID)+ending, PathIn(to, f.ID)+ending)
		if errors.Is(err, os.ErrNotExist) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// link gives a file a second name, or copies it.
func link(from, to string) (err error) {
	if err := os.Link(from, to); err == nil || errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrExist) {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer closeAll(in)
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileRights)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
