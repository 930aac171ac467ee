package figure

import (
	"testing"

	"giaoban/internal/web/lang"
)

// TestTheScriptsSpeakEnglishToo: the texts of the scripts are found in their source and must be in the files of the language.
func TestTheScriptsSpeakEnglishToo(t *testing.T) {
	t.Parallel()
	texts := scriptTexts()
	if len(texts) < 70 {
		t.Fatalf("only %d texts found: the search is broken", len(texts))
	}
	for _, vi := range texts {
		if _, ok := lang.English(vi); !ok && vi != "%s" {
			t.Errorf("%q has no English text", vi)
		}
	}
}
