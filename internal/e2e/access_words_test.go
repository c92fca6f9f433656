package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestRefusalsAreToldInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "2")
	s.json(t, "Ada", "")
	for _, tt := range []struct{ language, name, want string }{
		{"de", "Ada", "Nimm einen anderen"}, {"zh", "a|b", "这不能作为名字"}, {"de", "Bob", "zu viel auf einmal"}, {"en", "Bob", "2 a minute are allowed"},
	} {
		resp, page := s.answered(t, ask{
			method: "POST", path: "/join", header: http.Header{"Accept-Language": {tt.language}}, form: url.Values{"name": {tt.name}},
		})
		if resp.StatusCode < 400 || !strings.Contains(page, tt.want) {
			t.Errorf("%s as %s is answered with %s, without %q", tt.name, tt.language, resp.Status, tt.want)
		}
	}
	if _, page := s.answered(t, ask{method: "GET", path: "/nowhere", header: http.Header{"Accept-Language": {"zh-CN"}}}); !strings.Contains(page, "没有这个页面") {
		t.Error("a page that isn't there is not told in Chinese")
	}
}
