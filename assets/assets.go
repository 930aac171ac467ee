// Package assets holds what a page loads beside its HTML: style sheets, small script modules, pictures, and vendored files
// with their licences. It refuses anything from another host, and anything that a page cannot do without.
package assets

import "embed"

// Files is the tree that web serves under /assets/.
//
//go:embed css js img vendor
var Files embed.FS
