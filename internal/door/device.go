package door

import "strings"

// The browsers and systems that deviceOf knows by a word in User-Agent, the particular before the general: nearly all call
// themselves Mozilla, Safari and Chrome too.
var (
	browsers = [][2]string{{"zalo", "Zalo"}, {"coc_coc_browser", "Cốc Cốc"}, {"edg", "Edge"}, {"opr/", "Opera"}, {"samsungbrowser", "Samsung Internet"},
		{"firefox", "Firefox"}, {"fxios", "Firefox"}, {"crios", "Chrome"}, {"chrome", "Chrome"}, {"safari", "Safari"}}
	systems = [][2]string{{"iphone", "iPhone"}, {"ipad", "iPad"}, {"android", "Android"}, {"windows", "Windows"}, {"cros", "ChromeOS"},
		{"mac os x", "macOS"}, {"linux", "Linux"}}
)

// deviceOf is a browser and its system in two words, "Chrome/Windows", with which its owner knows it again and nobody else
// does. What it does not know is empty: the header is never kept.
func deviceOf(agent string) string {
	return wordIn(agent, browsers) + "/" + wordIn(agent, systems)
}

func wordIn(agent string, words [][2]string) string {
	agent = strings.ToLower(agent)
	for _, w := range words {
		if strings.Contains(agent, w[0]) {
			return w[1]
		}
	}
	return ""
}
