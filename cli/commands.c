/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands. Words only: what a command does stands in its cmd_*.c.
 */
#include "cli/commands.h"

#ifdef NRT_FAILPOINTS
#define UP_FAILPOINT                                                                               \
    "  --failpoint I=NAME:kill[:N],...  test builds: kill instance I at its Nth pass of NAME\n"
#else
#define UP_FAILPOINT ""
#endif

#define REMOTE_OPTIONS                                                                             \
    "  --data DIR   the data folder whose token is used (default ./data)\n"                        \
    "  --json       print JSON\n"

const struct command commands[] = {
    {"up", "[--data DIR] [--demo | --smoke] [--port N] [--config DIR] [--restored]",
     "run the whole service on this machine, with a Redis of its own",
     "Starts redis-server, monitor, notifier and console, keeps them running, and stops them in\n"
     "order on Ctrl-C or SIGTERM.\n\n"
     "  --data DIR      where everything is kept (default ./data; the demo: ./data/demo)\n"
     "  --config DIR    configuration to apply at the first start (default: compiled in)\n"
     "  --port N        listen on 127.0.0.1:N (default: http.listen of nrt.json, 127.0.0.1:8420)\n"
     "  --demo          a city's cases on a fast clock; messages go to a sandbox shown as phones\n"
     "  --smoke         start, take one case to one accepted message, stop\n"
     "  --redis URL     use this Redis instead of an own one\n"
     "  --instances R=N how many of a role, e.g. monitor=2\n"
     "  --clock MODE    real, scaled or stepped; decided at the first start of a data folder\n"
     "  --clock-from T  where a scaled or stepped clock starts (RFC 3339)\n"
     "  --speed X       seconds of a scaled clock in a second\n"
     "  --restored      the data folder comes from a backup: hold all messages for release\n"
     "  --quiet         no box\n" UP_FAILPOINT "\n"
     "Example: nrt up --data /var/lib/nrt\n",
     cmd_up},
    {"serve",
     "[--role monitor|notifier|console] [--instance NAME] [--config DIR] [--data DIR] [--redis "
     "URL]",
     "run one role, or all three, against a Redis that is there already",
     "For containers and service managers. Instances of one role need different names, which must\n"
     "stay the same over restarts.\n\n"
     "  --role R         without it all three run as children of a small supervisor\n"
     "  --instance NAME  default ROLE-1\n"
     "  --config DIR     settings, and the configuration to apply at the first start\n"
     "  --data DIR       default ./data\n"
     "  --redis URL      redis://host:port or unix:PATH (default: redis.url of nrt.json)\n"
     "  --listen ADDR    console: host:port (default: http.listen of nrt.json)\n\n"
     "Example: nrt serve --role monitor --instance monitor-2 --redis redis://redis:6379\n",
     cmd_serve},
    {"check", "[--config DIR] [--today DATE] [--json]", "check a configuration folder",
     "Reads everything strictly, looks for what would go wrong (docs/lint.md), and prints one\n"
     "line for each finding, with file:line:column. Nothing needs to be running. Exit code 1\n"
     "with errors, 0 with warnings alone.\n\n"
     "  --today DATE  as if it were that day: warnings speak of what is to come\n"
     "  --json        with a code for each finding\n\n"
     "Example: nrt check --config /etc/nrt\n",
     cmd_check},
    {"config", "init DIR [--rules ID] [--json]\nlist [--json]\nschema [KIND]",
     "write the compiled-in configuration out, to start from",
     "  init         all files to start from; refuses to overwrite\n"
     "  --rules ID   with this rule set instead of the default one\n"
     "  list         the rule sets there are, each with its title\n"
     "  schema       the JSON Schema of a kind of file, for editors; without KIND the kinds\n\n"
     "Example: nrt config init ./config --rules quzhou-135\n",
     cmd_config},
    {"simulate",
     "--rules F --calendar F --directory F --events F [--until T] [--figures]\n"
     "--rules F --against F --events F [--until T] [--format table|json]\n"
     "--history DIR --events F [--until T] [--figures]",
     "what would fire when, over a file of events",
     "Pure: no Redis, no network, the same bytes every time. Prints alerts, then clocks, as "
     "NDJSON.\n"
     "What is left out of rules, calendar and directory comes from the compiled-in "
     "configuration.\n\n"
     "  --figures      add the rates per family, unit and month, and accountability\n"
     "  --against F    instead: alerts, SMS and misses under --rules and under these rules, in\n"
     "                 all, per stage, unit and day\n"
     "  --history DIR  under the versions that were in force, as `nrt rules history --export DIR`\n"
     "                 writes them\n\n"
     "Example: nrt simulate --rules rules.json --events cases.ndjson\n"
     "         nrt simulate --rules rules.json --against shorter.json --events cases.ndjson\n",
     cmd_simulate},
    {"calendar",
     "add START DURATION [--calendar F] [--json]\n"
     "explain START DURATION [--calendar F] [--lang zh|en] [--json]\n"
     "between START END [--calendar F]\n"
     "show YEAR [--calendar F] [--lang zh|en] [--json]\n"
     "import FILE [--into CALENDAR.json] [--year Y] [--official Y] [--replace] [--json]",
     "working-time arithmetic, and notices of holidays",
     "add prints the instant; explain tells day by day how it comes about; between prints working\n"
     "days, working seconds and calendar days; show prints a year; import reads a published "
     "notice\n"
     "of holidays (iCalendar, JSON) and says what it would change. add and explain count as a "
     "clock would:\n\n"
     "  --late-arrival next_working_day  what comes after hours starts on the next working day\n"
     "  --roll none                      a limit in d may end on a day off\n"
     "  --lang en                        in English (default: zh)\n\n"
     "import writes nothing without --into, and nothing when the calendar says the contrary:\n\n"
     "  --into F         the calendar file to change; -: print the whole calendar instead\n"
     "  --id ID          of a calendar file that does not exist yet\n"
     "  --year 2027      only dates of that year, or of years: 2026-2028\n"
     "  --official 2027  this is the official notice; said by itself where it names its papers\n"
     "  --replace        the notice wins over the file\n"
     "  --unmarked off   events without a mark are days off (default: skip)\n\n"
     "Example: nrt calendar add 2026-02-13T10:00:00+08:00 5wd\n"
     "         nrt calendar explain 2026-02-13T10:00:00+08:00 5wd --lang en\n"
     "         nrt calendar import 2027.ics --into calendars/cn.json --official 2027\n",
     cmd_calendar},
    {"case",
     "add [ID] --title T --unit U [--handler H] [--matter M] [--due T] [--label K=V]\n"
     "show ID [--json]\n"
     "list [--unit U] [--matter M] [--light L] [--state S] [--q TEXT] [--limit N] [--json]\n"
     "event ID KIND [KEY=VALUE ...] [--time T]",
     "add, show and list cases, report events",
     "  add          registers a case received now; prints its id\n"
     "  show         its clocks and alerts\n"
     "  event        reports that something happened: answered, completed, suspended ...;\n"
     "               a kind of your own that a rule names is written case.KIND\n" REMOTE_OPTIONS
     "\nExample: nrt case add --title 关于用地的函 --unit unit-a --handler unit-a-1\n"
     "         nrt case event 2026-001 answered result=同意\n",
     cmd_case},
    {"explain", "CASE [CLOCK] [--lang zh|en] [--json]", "why a due is what it is, day by day",
     "What was counted and what was not: the start, days of rest, holidays, make-up days, pauses,\n"
     "extensions. The last line is the due.\n\n"
     "  --lang L     zh (default) or en\n" REMOTE_OPTIONS "\nExample: nrt explain 2026-001 reply\n",
     cmd_explain},
    {"overdue", "[--unit U] [--format table|csv|xlsx|json] [--out FILE] [--json]",
     "what is overdue now, the worst first",
     "Without --out csv is a plain table with keys, for programs. With --out FILE the console's\n"
     "own export is saved, as CSV or as a workbook: filter, time and user stand above it.\n\n"
     "  --out FILE   where it goes\n" REMOTE_OPTIONS
     "\nExample: nrt overdue --unit d05 --format xlsx --out overdue.xlsx\n",
     cmd_overdue},
    {"report",
     "month 2019-07 [--format text|json|xlsx] [--out FILE] [--lang zh|en] [--json]\n"
     "brief [--date D] [--lang zh|en] [--json]\n"
     "week [--unit U] [--date D] [--lang zh|en] [--json]",
     "how a month went; what the daily brief and the weekly list say",
     "  month        in sentences, with --format xlsx as a workbook with ranking and charts\n"
     "  brief        what each person is told on the morning of a working day\n"
     "  week         what the heads of units are told once a week\n" REMOTE_OPTIONS
     "\nExample: nrt report month 2019-07 --format xlsx --out july.xlsx\n",
     cmd_report},
    {"alerts",
     "list [--unit U] [--case ID] [--status S] [--limit N] [--json]\n"
     "why PERSON DATE [--channel C] [--lang zh|en] [--json]\n"
     "ack ALERT --by PERSON [--json]\n"
     "retry ALERT [--unsure] [--json]",
     "who was told what, and why somebody was or was not",
     "  list         alerts, the newest first, with their messages\n"
     "  why          what a person got on a day, what not, and why\n"
     "  ack          PERSON has seen it\n"
     "  retry        send again what has failed; with --unsure also what may have\n"
     "               arrived, and may then come twice\n" REMOTE_OPTIONS
     "\nExample: nrt alerts list --case 2026-001\n"
     "         nrt alerts why unit-a-head 2026-03-02\n",
     cmd_alerts},
    {"rules",
     "lint [--config DIR] [--json]\n"
     "diff OLD NEW | --config DIR | FROM TO [--exit-code] [--lang zh|en] [--json]\n"
     "preview [--config DIR | --draft ID | --version N] [--days N] [--no-replan] [--limit N]\n"
     "apply --config DIR [--base N] [--dry-run] | --draft ID [--by NAME] [--note TEXT]\n"
     "draft --config DIR | --version N [--by NAME] [--note TEXT]\n"
     "drafts\n"
     "approve DRAFT [--at T] [--by NAME]\n"
     "withdraw DRAFT [--by NAME]\n"
     "history [--kind K] [--limit N] [--export DIR]\n"
     "rollback VERSION [--kind K] [--by NAME] [--note TEXT]\n"
     "replan [--version N | --undo ID] [--no-wait] [--by NAME] [--note TEXT]",
     "change rules, calendar, directory, matters and templates, and see first what it does",
     "  lint         look for what would go wrong; needs nothing running (as `nrt check`)\n"
     "  diff         what a change means: two folders or files of rules, a folder and what is\n"
     "               applied, two versions or draft:ID; two folders need nothing running\n"
     "  preview      what a folder, a draft or a version would change for the open cases: dues,\n"
     "               lights, messages for each person and day; for calendars and directories too:\n"
     "               it takes the whole folder. Changes nothing\n"
     "  apply        make the folder, or a draft, the version in force\n"
     "  draft        hand the folder in, or a former version; somebody else approves it\n"
     "  approve      as a second person; with --at it is applied then\n"
     "  history      the versions; --export writes them out for `nrt simulate --history`\n"
     "  rollback     make a former version the one in force, as a new version\n"
     "  replan       running clocks keep the version of their start; this moves them to the one\n"
     "               in force, --undo takes it back\n\n"
     "  --base N     only while N is the newest version, so that nobody's change is lost\n"
     "  --by NAME    who does it (default: the login name)\n"
     "  --days N     how far a preview looks ahead (default 30)\n"
     "  --no-replan  preview without moving running clocks\n"
     "  --kind K     config (default), rules, calendars, directory, matters or templates\n"
     "  --lang L     zh (default) or en\n" REMOTE_OPTIONS
     "\nExample: nrt rules preview --config ./config --days 30\n"
     "         nrt rules apply --config ./config --note 'three days, as decided'\n",
     cmd_rules},
    {"export", "events [--from T] [--to T]", "write all events out, as they arrived (NDJSON)",
     "CloudEvents with the time they arrived, those that the service made itself included: what\n"
     "`nrt simulate` and `nrt import --replay` read. T is an instant or a date.\n\n" REMOTE_OPTIONS
     "\nExample: nrt export events --from 2026-01-01 > events.ndjson\n",
     cmd_export},
    {"directory", "import FILE.csv [--into directory.json] [--dry-run] [--skip-bad-rows] [--json]",
     "people from a table of a spreadsheet",
     "Columns by their heading, in any order: 姓名, 单位, 手机号, 角色, 编号, 钉钉, 浙政钉, "
     "企业微信,\n"
     "邮箱 (name, unit, mobile, role, id, dingtalk, zwdd, wecom, email). UTF-8, UTF-16 or GBK.\n"
     "A row adds somebody or changes what it says of them; nobody is removed. Without --into it\n"
     "only says what would change, against ./directory.json.\n\n"
     "  --into F         the file to change\n"
     "  --dry-run        say what would change in it, and write nothing\n"
     "  --skip-bad-rows  write the others although some rows have mistakes\n"
     "  --json           with findings and changes\n\n"
     "Example: nrt directory import people.csv --into config/directory.json\n",
     cmd_directory},
    {"matters",
     "import FILE.csv [--into matters.json] [--directory F] [--dry-run] [--skip-bad-rows] [--json]",
     "the catalogue of matters from a table of a spreadsheet",
     "Columns by their heading, in any order: 编号, 名称, 上级, 责任人, 单位 (id, title, parent,\n"
     "owner, unit). People and units may be written by id or name. Otherwise as `nrt "
     "directory`.\n\n"
     "  --into F         the file to change; made where there is none\n"
     "  --directory F    where people and units stand (default: directory.json beside it)\n"
     "  --dry-run        say what would change in it, and write nothing\n"
     "  --skip-bad-rows  write the others although some rows have mistakes\n"
     "  --json           with findings and changes\n\n"
     "Example: nrt matters import catalogue.csv --into config/matters.json\n",
     cmd_matters},
    {"keys", "show [--json]\nrotate [--json]\nprune [--json]",
     "the keys that seal people's addresses",
     "  show         each key by its id, what uses it, and until when it is needed\n"
     "  rotate       make a new key and seal with it what lies in Redis and in the ledger; the "
     "old\n"
     "               key stays and opens what is left\n"
     "  prune        remove old keys that nothing uses any more\n" REMOTE_OPTIONS
     "\nBackups made before need the old key: keep it with them.\n\nExample: nrt keys rotate\n",
     cmd_keys},
    {"user",
     "list [--json]\n"
     "add NAME --role ROLE[,ROLE] [--unit ID] [--person ID] [--dingtalk ID] [--display NAME]\n"
     "link NAME\npasswd NAME\ndisable NAME\nenable NAME\n"
     "token NAME --right RIGHT[,RIGHT] [--unit ID] [--expires TIME]",
     "accounts of the console, their links and tokens",
     "  add          make an account and print its one-time link, by which it gets a password\n"
     "  link         print a new link; the older ones end\n"
     "  passwd       set a password (typed, or one line of standard input), to be changed at the\n"
     "               first sign-in\n"
     "  disable      nobody signs in with it any more, and its sessions end\n"
     "  token        make an API token for a program; it is shown this once\n"
     "  --role       unit, oversight, ops, approver, admin, auditor\n"
     "  --right      read, export, register, work, oversee, statement, operate, approve,\n"
     "               config.read, messages.read, people, audit.read, health\n"
     "  --unit       whose cases it sees, with those of the units below\n"
     "  --expires    such as 2027-06-30T00:00:00+08:00; default: in a year\n" REMOTE_OPTIONS
     "\nExample: nrt user add zhang --role unit --unit d03 --display 张敏\n",
     cmd_user},
    {"audit",
     "list [--actor A] [--action A] [--object O] [--from T] [--to T] [--q TEXT] [--limit N]\n"
     "verify [--db FILE] [--json]",
     "who did what, and whether that record is whole",
     "  list         what was done and what was refused, newest first\n"
     "  verify       walk the chain of hashes in the ledger and compare it with the anchors in\n"
     "               DATA/audit.anchors; names the first entry that does not fit. Needs nothing\n"
     "               running; exit code 1 when something does not fit\n"
     "  --db FILE    another ledger than DATA/ledger.db, such as a backup\n"
     "  --from, --to an instant or a date; the end is not included\n" REMOTE_OPTIONS
     "\nExample: nrt audit verify\n",
     cmd_audit},
    {"backup", "[--to DIR] [--data DIR] [--json]",
     "copy the ledger and the accounts while they are used",
     "Makes ledger-DATE-TIME.db and accounts-DATE-TIME.db, looks at every page of them, and only\n"
     "then gives them their names. The console does the same each night at 03:30 and keeps 14.\n"
     "Keys are not in it: keep DATA/seal.key with it, in another place.\n\n"
     "  --to DIR     where to (default DATA/backup)\n"
     "  --data DIR   the data folder (default ./data)\n"
     "  --json       print JSON\n\n"
     "Example: nrt backup --to /mnt/backup\n",
     cmd_backup},
    {"restore", "FILE [--verify] [--data DIR] [--json]",
     "look at a backup, or put it in the place of what was lost",
     "Without --verify the service must be stopped. What was there is kept beside it. A restored\n"
     "ledger reads the journal on from where it ends, so that it is as before when the service\n"
     "has caught up; the journal keeps at least seven days.\n\n"
     "  --verify     change nothing: is the file whole, and how does it compare with the ledger\n"
     "               in use? The service may run. Exit code 1 when it cannot be put back\n"
     "  --data DIR   the data folder (default ./data)\n"
     "  --json       with --verify: print JSON\n\n"
     "Example: nrt restore --verify data/backup/ledger-20260213-033000.db\n",
     cmd_restore},
    {"import", "FILE [--replay] [--batch N] [--json]", "send a file of events (NDJSON)",
     "Sends in batches, shows progress on a terminal, lists what was rejected with its line.\n"
     "An event that was sent before counts once, so a broken import is simply run again.\n\n"
     "  --replay     events carry the time they arrived (`arrived`, else `time`) and are sent in\n"
     "               that order; a service with a stepped clock replays history by it (there it\n"
     "               is the default)\n"
     "  --batch N    events a request (default 500)\n" REMOTE_OPTIONS
     "\nExample: nrt import cases.ndjson\n",
     cmd_import},
    {"doctor", "[--config DIR] [--data DIR] [--json]",
     "look for trouble and say what to do about it",
     "Asks the console and looks at the data folder: Redis and its durability, versions with "
     "known\n"
     "holes, clock, calendar, applied configuration, channels, disk, permissions.\n"
     "Exit code 1 when something fails.\n\n"
     "Example: nrt doctor\n",
     cmd_doctor},
    {"message", "preview TEMPLATE [--channel C] [--lang zh|en] [--long] [--config DIR] [--json]",
     "how a text looks on the phone, before anybody gets it",
     "Composes a sample message as the service does: the phone's view, characters, where one SMS\n"
     "ends and the next begins, what the vendor's template is given. Needs nothing running.\n\n"
     "  --channel C    by which channel (default: the first of default_via)\n"
     "  --lang L       zh or en (default: the channel's)\n"
     "  --long         with values as long as they get\n"
     "  --title T  --unit U  --case ID  --handler P  in place of the samples\n"
     "  --at T         as if it were sent then (RFC 3339)\n"
     "  --config DIR   the configuration folder (default: compiled in)\n"
     "  --json         with segments, parameters and warnings\n\n"
     "Example: nrt message preview overdue --channel sms --long --config /etc/nrt\n",
     cmd_message},
    {"send-test", "CHANNEL PERSON [--json]",
     "send one test message and wait for the gateway's answer",
     REMOTE_OPTIONS "\nExample: nrt send-test sms unit-a-head\n", cmd_send_test},
    {"stop-sending", "[--channel C | --unit U] [--by NAME] [--note TEXT]",
     "hold back all messages, those of a channel, or those about a unit",
     "Nothing is lost: what is held goes out when sending is resumed, unless it was settled\n"
     "meanwhile. Returns when every notifier knows.\n\n"
     "  --channel C  only messages of this channel\n"
     "  --unit U     only messages about cases of this unit\n"
     "  --by NAME    who does it (default: the login name)\n"
     "  --note TEXT  why; shown with the stop\n"
     "  --lang zh|en\n" REMOTE_OPTIONS
     "\nExample: nrt stop-sending --channel sms --note 'signature is being renewed'\n",
     cmd_stop_sending},
    {"resume-sending", "[--channel C | --unit U] [--by NAME] [--note TEXT]",
     "go on sending; without a scope also release what the storm brake holds",
     "Lifts the stop of the same scope: a stop of a channel is lifted with --channel.\n\n"
     "  --channel C  --unit U  --by NAME  --note TEXT  as for stop-sending\n"
     "  --lang zh|en\n" REMOTE_OPTIONS "\nExample: nrt resume-sending\n",
     cmd_resume_sending},
    {"sending", "[--json]", "show what is stopped or held back, by whom and why",
     "  --lang zh|en\n" REMOTE_OPTIONS "\nExample: nrt sending\n", cmd_sending},
    {"clock", "step T [--json]", "move a stepped clock (tests)",
     "Returns when everything up to T has been done: events, timers, messages, "
     "ledger.\n" REMOTE_OPTIONS "\nExample: nrt clock step 2026-02-28T00:00:00+08:00\n",
     cmd_clock},
    {"worker",
     "preview --data DIR --bundle FILE --now MS --days N --replan yes|no --items FILE\n"
     "    [--sms NAMES] [--default-via NAMES]",
     "", "Started by the console for what takes long; not to be called by hand.\n", cmd_worker},
    {"version", "[--json]", "our version and those of the libraries", "Example: nrt version\n",
     cmd_version},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);
