// Package clock tells the time, so that a demonstration site can live in another year and a test in its own. It refuses
// to be global: who needs the time is given a Clock.
package clock

import (
	"sync"
	"time"
)

// Zone is the time of Vietnam, fixed at +07:00 since 1975; it needs no time zone database on the machine.
var Zone = time.FixedZone("+07", 7*3600)

// Clock tells the time of a site.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	fixed  *time.Time
}

// Real is the machine's time.
func Real() *Clock { return &Clock{} }

// Fixed stands still at t until Set or Advance.
func Fixed(t time.Time) *Clock { return &Clock{fixed: &t} }

// Shift makes the clock run on from the machine's time plus d.
func (c *Clock) Shift(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = d
}

// Shifted is how far the clock is from the machine's time.
func (c *Clock) Shifted() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance moves a fixed clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed != nil {
		t := c.fixed.Add(d)
		c.fixed = &t
		return
	}
	c.offset += d
}

// Now is the present moment in Vietnam's zone.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed != nil {
		return c.fixed.In(Zone)
	}
	return time.Now().Add(c.offset).In(Zone)
}

// Today is the present day in Vietnam as YYYY-MM-DD.
func (c *Clock) Today() string { return c.Now().Format(time.DateOnly) }

// Milli is the present moment as UTC milliseconds, the form that databases hold.
func (c *Clock) Milli() int64 { return c.Now().UnixMilli() }

// At turns stored UTC milliseconds into a time in Vietnam's zone.
func At(milli int64) time.Time { return time.UnixMilli(milli).In(Zone) }
