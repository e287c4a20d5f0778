"""A rehearsal: the picture of a show before its start, for those alone who were given an address and a pass code."""
