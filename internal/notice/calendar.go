package notice

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// A calendar's address holds a key of 160 random bits; whoever has it reads the deadlines of its owner and nothing else.

// newKey makes the key of a calendar's address.
func newKey() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// hashKey is what is kept of a key. A key has more chance in it than anybody can try, so that a plain hash is enough.
func hashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
