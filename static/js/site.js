import "./offline.js";
import "./confirm.js";
import "./busy.js";
import "./partials.js";
import "./clipboard.js";
import "./forms.js";
import "./theme_switch.js";
import "./time_zone.js";
