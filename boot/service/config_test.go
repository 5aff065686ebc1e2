package service

import (
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestParseConfig(t *testing.T) {
	tests := []struct {
		name        string
		annotations map[string]string
		change      func(*config)
	}{
		{"nothing", nil, func(*config) {}},
		{"others'", map[string]string{"com.example.after": "x"}, func(*config) {}},
		{"after", map[string]string{"org.keg.boot.after": "a, b,a"}, func(c *config) { c.After = []string{"a", "b"} }},
		{"after none", map[string]string{"org.keg.boot.after": " "}, func(*config) {}},
		{"restart", map[string]string{"org.keg.boot.restart": "always"}, func(c *config) { c.Restart = always }},
		{"backoff", map[string]string{"org.keg.boot.backoff": "10ms, 2s"}, func(c *config) { c.First, c.Most = 10*time.Millisecond, 2*time.Second }},
		{"backoff above the default's most", map[string]string{"org.keg.boot.backoff": "5m"}, func(c *config) { c.First, c.Most = 5*time.Minute, 5*time.Minute }},
		{"image's signal", map[string]string{"org.opencontainers.image.stopSignal": "SIGQUIT"}, func(c *config) { c.StopSignal = syscall.SIGQUIT }},
		{"own signal first", map[string]string{"org.opencontainers.image.stopSignal": "SIGQUIT", "org.keg.boot.stop-signal": "int"},
			func(c *config) { c.StopSignal = syscall.SIGINT }},
		{"grace", map[string]string{"org.keg.boot.grace": "3"}, func(c *config) { c.Grace = 3 * time.Second }},
		{"no grace", map[string]string{"org.keg.boot.grace": "0s"}, func(c *config) { c.Grace = 0 }},
		{"ready", map[string]string{"org.keg.boot.ready": "notify", "org.keg.boot.ready-timeout": "5s"},
			func(c *config) { c.Notify, c.ReadyTimeout = true, 5*time.Second }},
		{"logs", map[string]string{"org.keg.boot.log-size": "64k", "org.keg.boot.log-files": "2"},
			func(c *config) { c.LogSize, c.LogFiles = 64<<10, 2 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := defaults()
			tt.change(&want)
			got, err := parseConfig(tt.annotations)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestParseConfigRefuses(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"restrat", "always", `annotations["org.keg.boot.restrat"]: unknown; known are org.keg.boot.after, `},
		{"restart", "sometimes", `"sometimes": no, on-failure or always is meant`},
		{"after", "a,,b", "names of services, separated by commas"},
		{"backoff", "0", "would keep the machine busy"},
		{"backoff", "2s,1s", "the most is less than the first"},
		{"backoff", "1s,", "a time such as"},
		{"stop-signal", "NOPE", `invalid signal "NOPE"`},
		{"stop-signal", "0", "stops nothing"},
		{"grace", "-1s", "a time such as"},
		{"grace", "", "a time such as"},
		{"ready", "yes", "notify is meant"},
		{"log-size", "1T", "a size such as"},
		{"log-size", "0", "a size such as"},
		{"log-size", "k", "a size such as"},
		{"log-files", "0", "from 1 to 255"},
		{"log-files", "256", "from 1 to 255"},
	}
	for _, tt := range tests {
		_, err := parseConfig(map[string]string{prefix + tt.name: tt.value})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.name) {
			t.Errorf("%s=%q: %v; want %q", tt.name, tt.value, err, tt.want)
		}
	}
}

// All that is wrong is told at once: an image is built anew for each mistake.
func TestParseConfigTellsAll(t *testing.T) {
	_, err := parseConfig(map[string]string{prefix + "grace": "x", prefix + "restart": "y"})
	if err == nil || !strings.Contains(err.Error(), "grace") || !strings.Contains(err.Error(), "restart") {
		t.Error(err)
	}
}
