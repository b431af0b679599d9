import { startActions } from "./actions.js";
import { startCopies } from "./copy.js";
import { startFilters } from "./filters.js";
import { startLanguage } from "./language.js";
import { startLinks } from "./links.js";
import { startLive } from "./live.js";
import { startSearch } from "./search.js";
import { startTask } from "./task.js";
import { startTimes } from "./times.js";

startTimes();
startFilters();
startLanguage();
startLinks();
startTask();
startLive();
startActions();
startCopies();
startSearch();
// on a narrow screen the tabs scroll: the open one is in sight
const tabs = document.querySelector("nav.views");
const open = tabs.querySelector(".on");
if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
