// Package door lets people in: passwords checked, tries limited, sessions, and the first person of a new site. It refuses to
// tell an unknown name from a wrong password, to let anyone lock another out, and to keep who signed in from where longer
// than the limits of tries need it.
package door

// The limits of wrong tries within window. A name is limited per address, so that nobody can lock its owner out from
// elsewhere; an address is limited over all names, so that nobody can try one password on everybody.
const (
	windowMinutes    = 15
	triesPerPair     = 5
	triesPerAddress  = 50
	keepAttemptsDays = 1
)

// The session's keys.
const (
	sessionPerson = "person"
	sessionMark   = "mark"
	sessionMethod = "method"
)

// How a person came in.
const (
	byPassword   = "password"
	byPasskey    = "passkey"
	byProvider   = "provider"
	byInvitation = "invitation" // or the set-up code, which invites the first
	byDemo       = "demo"       // one click in a demonstration
)
