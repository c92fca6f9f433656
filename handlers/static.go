package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// assets serves the static files, under an address that names their contents, so that browsers keep them for ever.
type assets struct {
	files fs.FS
	hash  string            // of all files together, so that their relative imports stay relative; "dev" with --dev
	ready map[string]*asset // by path; with --dev only what is on no disk
}

type asset struct {
	mime  string
	plain []byte

	once       sync.Once // guards what follows, made when it is asked for first: a server that nobody visits yet starts at once
	gzip, brot []byte
}

// compressed returns the file in both encodings, nil where that is no use. The levels are those from which on a few percent cost
// ten times the time.
func (a *asset) compressed() (gzip, brot []byte) {
	a.once.Do(func() {
		if compressible(a.mime) {
			a.gzip = fasthttp.AppendGzipBytesLevel(nil, a.plain, fasthttp.CompressBestCompression)
			a.brot = fasthttp.AppendBrotliBytesLevel(nil, a.plain, brotliLevel)
		}
	})
	return a.gzip, a.brot
}

const brotliLevel = 9

// newAssets reads every file, once. With dev each request reads the disk. made are scripts that are on no disk.
func newAssets(files fs.FS, dev bool, made map[string][]byte) (*assets, error) {
	a := &assets{files: files, hash: "dev", ready: map[string]*asset{}}
	sum := sha256.New()
	add := func(name string, ready *asset) {
		fmt.Fprintf(sum, "%s %d\n", name, len(ready.plain))
		sum.Write(ready.plain)
		a.ready[name] = ready
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		add(name, &asset{mime: types[".js"], plain: made[name]})
	}
	if dev {
		return a, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ready, err := readAsset(files, name)
		if err != nil {
			return err
		}
		if ready.plain, err = forTheWire(files, name, ready.plain); err != nil {
			return err
		}
		add(name, ready)
		return nil
	})
	a.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, err
}

// types are what a system's own table may lack or have otherwise.
var types = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png", ".txt": "text/plain; charset=utf-8",
}

func readAsset(files fs.FS, name string) (*asset, error) {
	plain, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	kind := types[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	if kind == "" {
		kind = fiber.MIMEOctetStream
	}
	return &asset{mime: kind, plain: plain}, nil
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "svg")
}

// URL is the address of a static file.
func (a *assets) URL(name string) string { return a.Base() + "/" + name }

// Base is the address that all static files stand under.
func (a *assets) Base() string { return "/static/" + a.hash }

// serve answers GET /static/HASH/NAME. An old hash, asked for by a page from before an update, gets today's file, not kept.
func (a *assets) serve(c *fiber.Ctx) error {
	name := c.Params("*")
	found, ok := a.ready[name]
	if !ok && a.hash == "dev" && fs.ValidPath(name) {
		var err error
		found, err = readAsset(a.files, name)
		ok = err == nil
	}
	if !ok {
		return newProblem("not_found", "There is no such file.")
	}
	c.Set(fiber.HeaderContentType, found.mime)
	if ext := path.Ext(name); ext == ".js" || ext == ".css" {
		// What documents may do says nothing in a script or style, and in fifty small files it would weigh as much as they do.
		for _, header := range []string{fiber.HeaderContentSecurityPolicy, fiber.HeaderReferrerPolicy, "Cross-Origin-Opener-Policy"} {
			c.Response().Header.Del(header)
		}
	}
	if path.Ext(name) == ".json" { // by which the picker of emoji sees that what it has kept is still right
		c.Set(fiber.HeaderETag, strconv.Quote(a.hash))
	}
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Params("hash") == a.hash && a.hash != "dev" {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	gzip, brot := found.compressed()
	switch {
	case brot != nil && accepts(c, "br"):
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(brot)
	case gzip != nil && accepts(c, "gzip"):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(gzip)
	default:
		return c.Send(found.plain)
	}
}

func accepts(c *fiber.Ctx, encoding string) bool {
	return strings.Contains(c.Get(fiber.HeaderAcceptEncoding), encoding)
}
