// Command verify-audit checks a file written by "giaoban audit export" without Giaoban: go run main.go <FILE
// A line's digest is the SHA-256 of its entry's text as it stands in the line; its hash is the SHA-256 of the previous hash,
// the time of sealing and the digest, joined by line feeds. It refuses to judge the last seal: compare it with
// one noted elsewhere before.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

type line struct {
	Seq, At                int64
	Previous, Digest, Hash string
	Entry                  json.RawMessage
}

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func main() {
	var last line
	wrong, lines := 0, json.NewDecoder(os.Stdin)
	for lines.More() {
		var l line
		if err := lines.Decode(&l); err != nil {
			log.Fatal(err)
		}
		if l.Seq != last.Seq+1 || l.Seq > 1 && l.Previous != last.Hash || sum(string(l.Entry)) != l.Digest ||
			sum(fmt.Sprintf("%s\n%d\n%s", l.Previous, l.At, l.Digest)) != l.Hash {
			wrong++
			fmt.Printf("entry %d is not what was sealed, or does not follow entry %d\n", l.Seq, last.Seq)
		}
		last = l
	}
	fmt.Printf("%d wrong; last seal: %d %s\n", wrong, last.Seq, last.Hash)
	os.Exit(min(wrong, 1))
}
