package doc

import (
	"fmt"
	"io"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// ICS is a meeting as a calendar entry. UID stays the same through changes, each of which has a higher Sequence.
type ICS struct {
	UID                            string
	Start, End                     time.Time
	Summary, Location, Description string
	Organizer                      string // an e-mail address, or empty
	OrganizerName                  string
	URL                            string
	Sequence                       int
	Stamp                          time.Time // when this version was made
	Cancelled                      bool
}

// Invitation writes a calendar file with one meeting (RFC 5545), with lines folded and ended as the standard asks. Times are in
// UTC: Vietnam has no daylight saving, so no reader needs a time zone definition to show them right. A meeting without UID,
// or that does not end after its start, is refused.
func Invitation(w io.Writer, m ICS) error {
	if m.UID == "" {
		return fmt.Errorf("doc: a meeting needs a UID")
	}
	if !m.End.After(m.Start) {
		return fmt.Errorf("doc: meeting %s ends at %s, not after its start", m.UID, m.End.Format(time.RFC3339))
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//Giaoban//Giaoban//VI")
	cal.SetMethod(ics.MethodPublish) // a request would have to list its attendees
	if m.Cancelled {
		cal.SetMethod(ics.MethodCancel)
	}
	event := cal.AddEvent(m.UID)
	event.SetDtStampTime(m.Stamp.UTC())
	event.SetStartAt(m.Start.UTC())
	event.SetEndAt(m.End.UTC())
	event.SetSequence(m.Sequence)
	event.SetSummary(oneLine(m.Summary))
	if m.Location != "" {
		event.SetLocation(oneLine(m.Location))
	}
	if m.Description != "" {
		event.SetDescription(clean(m.Description))
	}
	if link := printedLink(safeLink(m.URL)); link != "" {
		event.SetURL(link)
	}
	if m.Organizer != "" {
		// A parameter has no escapes: what would need quoting is left out.
		name := strings.NewReplacer(",", " ", ";", " ", ":", " ", `"`, " ").Replace(m.OrganizerName)
		event.SetOrganizer("mailto:"+strings.Join(strings.Fields(clean(m.Organizer)), ""), ics.WithCN(oneLine(name)))
	}
	event.SetStatus(ics.ObjectStatusConfirmed)
	if m.Cancelled {
		event.SetStatus(ics.ObjectStatusCancelled)
	}
	if err := cal.SerializeTo(w, ics.WithNewLineWindows); err != nil {
		return fmt.Errorf("write calendar entry: %w", err)
	}
	return nil
}

// oneLine is text without line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// Deadline is a day by which something is due, as a calendar entry of a whole day. UID stays the same while the day moves; each move has
// a higher Sequence.
type Deadline struct {
	UID                  string
	Day                  string // ISO
	Summary, Description string
	URL                  string
	Sequence             int
	Stamp                time.Time // when this version was made
}

// Calendar writes a calendar file of deadlines for programs that read it again and again (RFC 5545, RFC 7986). A deadline is a date
// without a time: it is the same day wherever it is read, and needs no time zone. It does not make its owner busy.
func Calendar(w io.Writer, name string, list []Deadline) error {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Giaoban//Giaoban//VI")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(oneLine(name))
	cal.SetXWRCalName(oneLine(name))
	cal.SetRefreshInterval("PT6H")
	cal.SetXPublishedTTL("PT6H")
	for _, d := range list {
		day, err := time.Parse(time.DateOnly, d.Day)
		if err != nil || d.UID == "" {
			return fmt.Errorf("doc: a deadline needs a UID and a day: %q, %q", d.UID, d.Day)
		}
		event := cal.AddEvent(d.UID)
		event.SetDtStampTime(d.Stamp.UTC())
		event.SetModifiedAt(d.Stamp.UTC())
		event.SetAllDayStartAt(day)
		event.SetAllDayEndAt(day.AddDate(0, 0, 1)) // the first day that is no part of it
		event.SetSequence(d.Sequence)
		event.SetSummary(oneLine(d.Summary))
		if d.Description != "" {
			event.SetDescription(clean(d.Description))
		}
		if link := printedLink(safeLink(d.URL)); link != "" {
			event.SetURL(link)
		}
		event.SetTimeTransparency(ics.TransparencyTransparent)
		event.SetStatus(ics.ObjectStatusConfirmed)
	}
	if err := cal.SerializeTo(w, ics.WithNewLineWindows); err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	return nil
}
