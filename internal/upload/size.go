package upload

import "strconv"

// Size is a number of bytes as people read it: in units of 1000, with one decimal where there is one below 10.
func Size(bytes int64) string {
	units := [...]string{" B", " kB", " MB", " GB", " TB"}
	size, unit := float64(bytes), 0
	for ; unit < len(units)-1 && size >= 999.5; unit++ {
		size /= 1000
	}
	digits := 0
	if size < 9.95 && size != float64(int64(size)) {
		digits = 1
	}
	return strconv.FormatFloat(size, 'f', digits, 64) + units[unit]
}
