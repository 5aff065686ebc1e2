package service

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/signame"
)

// prefix begins the annotations of config.json that say how a service is kept.
const prefix = "org.keg.boot."

// imageStopSignal is where an image's StopSignal goes. image-spec, conversion.md
const imageStopSignal = "org.opencontainers.image.stopSignal"

// policy says after which ends a service is started again.
type policy string

// The policies, as Docker names them.
const (
	never     policy = "no"
	onFailure policy = "on-failure" // the default: a service that ended well has done what it was for
	always    policy = "always"
)

// config is how one service is kept.
type config struct {
	After        []string // services that are up, or have failed, before this one starts
	Restart      policy
	First, Most  time.Duration // delay before the first restart; it doubles up to the most
	StopSignal   syscall.Signal
	Grace        time.Duration // from the signal to the kill
	Notify       bool          // it says READY=1 by sd_notify(3)
	ReadyTimeout time.Duration
	LogSize      int64 // at which a log is rotated
	LogFiles     int   // that are kept of a log, the one being written included
}

// defaults: an image's logs are in memory, as a rule, so they are bounded.
func defaults() config {
	return config{
		Restart: onFailure, First: time.Second, Most: time.Minute, StopSignal: syscall.SIGTERM,
		Grace: 10 * time.Second, ReadyTimeout: 90 * time.Second, LogSize: 1 << 20, LogFiles: 4,
	}
}

// settings are the annotations, by what follows the prefix.
func settings() map[string]func(*config, string) error {
	return map[string]func(*config, string) error{
		"after":         setAfter,
		"restart":       setRestart,
		"backoff":       setBackoff,
		"stop-signal":   setStopSignal,
		"grace":         func(c *config, v string) error { return setDuration(&c.Grace, v) },
		"ready":         setReady,
		"ready-timeout": func(c *config, v string) error { return setDuration(&c.ReadyTimeout, v) },
		"log-size":      setLogSize,
		"log-files":     setLogFiles,
	}
}

// settingNames are the names of the annotations, sorted.
func settingNames() []string {
	var names []string
	for name := range settings() {
		names = append(names, prefix+name)
	}
	slices.Sort(names)
	return names
}

// parseConfig reads a service's annotations. A name of keg's that is unknown is
// an error: a typing mistake would be found only when the service fails.
func parseConfig(annotations map[string]string) (config, error) {
	c := defaults()
	if v, ok := annotations[imageStopSignal]; ok {
		if err := setStopSignal(&c, v); err != nil {
			return c, fmt.Errorf("annotations[%q]: %w", imageStopSignal, err)
		}
	}
	var errs []error
	known := settings()
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		word, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		set := known[word]
		if set == nil {
			errs = append(errs, fmt.Errorf("annotations[%q]: unknown; known are %s", name, strings.Join(settingNames(), ", ")))
			continue
		}
		if err := set(&c, annotations[name]); err != nil {
			errs = append(errs, fmt.Errorf("annotations[%q]: %w", name, err))
		}
	}
	return c, errors.Join(errs...)
}

func setAfter(c *config, v string) error {
	for name := range strings.SplitSeq(v, ",") {
		name = strings.TrimSpace(name)
		if name == "" && strings.TrimSpace(v) == "" {
			return nil
		}
		if name == "" {
			return fmt.Errorf("%q: names of services, separated by commas, are meant", v)
		}
		if !slices.Contains(c.After, name) {
			c.After = append(c.After, name)
		}
	}
	return nil
}

func setRestart(c *config, v string) error {
	p := policy(v)
	if p != never && p != onFailure && p != always {
		return fmt.Errorf("%q: %s, %s or %s is meant", v, never, onFailure, always)
	}
	c.Restart = p
	return nil
}

// setBackoff reads "1s", or with the most "1s,1m".
func setBackoff(c *config, v string) error {
	first, most, both := strings.Cut(v, ",")
	if err := setDuration(&c.First, first); err != nil {
		return err
	}
	if both {
		if err := setDuration(&c.Most, most); err != nil {
			return err
		}
	}
	switch {
	case c.First <= 0:
		return fmt.Errorf("%q: without a delay, a service that cannot start would keep the machine busy", v)
	case both && c.Most < c.First:
		return fmt.Errorf("%q: the most is less than the first", v)
	}
	c.Most = max(c.Most, c.First)
	return nil
}

func setStopSignal(c *config, v string) error {
	sig, err := signame.Parse(v)
	if err == nil && sig == 0 {
		err = errors.New("invalid signal 0: it stops nothing")
	}
	if err == nil {
		c.StopSignal = sig
	}
	return err
}

func setReady(c *config, v string) error {
	if v != "notify" {
		return fmt.Errorf("%q: notify is meant, for a service that says so by sd_notify; without the annotation it is ready once it runs", v)
	}
	c.Notify = true
	return nil
}

// setDuration reads Go's durations, and plain seconds.
func setDuration(to *time.Duration, v string) error {
	v = strings.TrimSpace(v)
	d, err := time.ParseDuration(v)
	if err != nil {
		var n uint64
		if n, err = strconv.ParseUint(v, 10, 31); err == nil {
			d = time.Duration(n) * time.Second
		}
	}
	if err != nil || d < 0 {
		return fmt.Errorf("%q: a time such as 500ms, 10s, 2m or 10 (seconds) is meant", v)
	}
	*to = d
	return nil
}

// setLogSize reads bytes, with k, M or G for powers of 1024.
func setLogSize(c *config, v string) error {
	shift := 0
	digits := strings.TrimSpace(v)
	if i := len(digits) - 1; i > 0 {
		if at := strings.IndexByte("kMG", digits[i]); at >= 0 {
			digits, shift = digits[:i], 10*(at+1)
		}
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n == 0 {
		return fmt.Errorf("%q: a size such as 100000, 64k or 1M is meant", v)
	}
	c.LogSize = int64(n) << shift
	return nil
}

func setLogFiles(c *config, v string) error {
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 8)
	if err != nil || n == 0 {
		return fmt.Errorf("%q: a number of files from 1 to 255 is meant", v)
	}
	c.LogFiles = int(n)
	return nil
}
