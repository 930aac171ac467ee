// Package arch holds the laws of the source tree as tests: which house may import which, which room may hold SQL or HTTP,
// and what every package must say of itself. The tables in docs/design.md are the law; the tests read them there. It refuses
// to be imported, and to know any single house by name.
package arch
