"""The demo of a site on this machine: made-up people, what they sell, and a show that is really on air."""
