import { startActions } from "./actions.js";
import { startFilters } from "./filters.js";
import { startLanguage } from "./language.js";
import { startLinks } from "./links.js";
import { startLive } from "./live.js";
import { startTask } from "./task.js";
import { startTimes } from "./times.js";

startTimes();
startFilters();
startLanguage();
startLinks();
startTask();
startLive();
startActions();
