"""Media on its way through providers: the one door for their events; uploads and transcodes join it."""
