package ledger

// Net is what is left of a sum.
var Net = net

// ReadListFile reads a list that has only what every site's books can hold.
func ReadListFile(data []byte) (List, error) { return readList(data, Starter) }
