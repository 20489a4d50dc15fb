// SPDX-License-Identifier: Apache-2.0
// One page: its style, an empty frame, the matrix as JSON, and a script that fills the frame from it.
#include <fmt/format.h>

#include <string_view>

#include "emu/model/escape_xml.hpp"
#include "emu/verify/matrix_report.hpp"

namespace emu {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #1b2733; --paper: #fbfcfd; --soft: #eef2f6; --line: #d5dde5; --ok: #2e9e5b; --some: #d39b1a;
  --else: #7a6fd0; --none: #c3ccd5; --bad: #d6336c; --dim: #66758a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --paper: #12181f; --soft: #1b242e; --line: #2c3946; --ok: #3fb871;
  --some: #e0b040; --else: #9a90ea; --none: #3b4855; --bad: #ff5c93; --dim: #93a2b4; } }
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { padding: 18px 24px 12px; border-bottom: 1px solid var(--line); }
h1 { margin: 0 0 2px; font-size: 20px; } header p { margin: 0; color: var(--dim); }
header .bad { color: var(--bad); font-weight: 600; }
main { display: flex; flex-wrap: wrap; gap: 24px; padding: 20px 24px; align-items: flex-start; }
#grid { overflow: auto; max-width: 100%; max-height: 86vh; }
table { border-collapse: separate; border-spacing: 3px; }
th { font-weight: 500; font-size: 12px; color: var(--dim); white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--paper); height: 7.5em; vertical-align: bottom; }
thead th span { writing-mode: vertical-rl; transform: rotate(180deg); }
tbody th { position: sticky; left: 0; background: var(--paper); text-align: right; padding-right: 8px; }
td { width: 26px; height: 26px; min-width: 26px; border-radius: 6px; cursor: pointer; text-align: center; color: #fff; font-size: 12px;
  font-weight: 700; }
td.self { cursor: default; background: var(--soft); }
td.ok { background: var(--ok); } td.some { background: var(--some); } td.else { background: var(--else); }
td.none { background: var(--none); } td.bad { background: var(--bad); }
td:not(.self):hover, td.chosen { outline: 2px solid var(--ink); outline-offset: 1px; }
.lit { color: var(--ink) !important; font-weight: 700; }
#story { flex: 1 1 420px; min-width: 320px; }
#story h2 { margin: 0 0 10px; font-size: 17px; }
article { border: 1px solid var(--line); border-left: 4px solid var(--ok); border-radius: 8px; padding: 10px 14px; margin-bottom: 12px; }
article.none { border-left-color: var(--none); } article.bad { border-left-color: var(--bad); background: var(--soft); }
article h3 { margin: 0 0 4px; font-size: 14px; } article p { margin: 2px 0; }
.word { font-family: ui-monospace, monospace; } .dim { color: var(--dim); }
ol { margin: 4px 0 6px; padding-left: 20px; font-size: 13px; } ol b { font-weight: 600; }
.key span { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin: 0 5px -1px 14px; }
)css";

constexpr std::string_view kScript = R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const make = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  return element;
};
const pairs = new Map();
for (const cell of data.cells) {
  const key = cell.from + '\n' + cell.to;
  if (!pairs.has(key)) pairs.set(key, []);
  pairs.get(key).push(cell);
}
const names = { '.': 'self', ok: 'ok', some: 'some', else: 'else', '--': 'none', '??': 'bad', '!!': 'bad' };
const steps = (article, title, list) => {
  if (!list.length) return;
  article.append(make('p', title, 'dim'));
  const ol = make('ol');
  for (const step of list) {
    const li = make('li');
    li.append(make('b', step.place), ': ' + step.words);
    ol.append(li);
  }
  article.append(ol);
};
const line = (article, title, verdict, words) => {
  const p = make('p', title + ' ');
  p.append(make('span', verdict, 'word'));
  if (words) p.append(': ' + words);
  article.append(p);
};
const story = document.getElementById('story');
let pinned = null;
const show = (from, to) => {
  story.replaceChildren(make('h2', from + ' → ' + to));
  for (const cell of pairs.get(from + '\n' + to)) {
    const quiet = cell.measured.verdict === 'blocked' || cell.measured.verdict === 'unreachable';
    const article = make('article', undefined, cell.agrees ? (quiet ? 'none' : '') : 'bad');
    article.append(make('h3', cell.kind + (cell.port ? ' port ' + cell.port : '') + ' to ' + cell.address));
    line(article, 'Azure’s rules say', cell.predicted.verdict, cell.predicted.reason);
    const time = cell.measured.milliseconds === undefined ? '' : cell.measured.milliseconds.toFixed(2) + ' ms';
    line(article, 'packets say', cell.measured.verdict, cell.measured.detail || time);
    const by = cell.predicted.answeredBy;
    if (by && !(to === by || to === by + '.public')) article.append(make('p', by + ' has this address there.'));
    steps(article, 'there', cell.predicted.there);
    steps(article, 'back', cell.predicted.back);
    for (const other of cell.predicted.otherwise || []) {
      line(article, 'or, if the program on the way translates:', other.verdict, other.reason);
      steps(article, 'there', other.there);
      steps(article, 'back', other.back);
    }
    story.append(article);
  }
};
const table = document.querySelector('table');
const head = make('tr');
head.append(make('th'));
for (const column of data.columns) {
  const th = make('th');
  th.append(make('span', column));
  head.append(th);
}
const thead = make('thead');
thead.append(head);
const body = make('tbody');
for (const row of data.rows) {
  const tr = make('tr');
  tr.append(make('th', row.name));
  row.marks.forEach((mark, i) => {
    const td = make('td', mark === '!!' ? '!' : '', names[mark]);
    if (mark !== '.') {
      td.tabIndex = 0;
      td.title = row.name + ' → ' + data.columns[i] + ': ' + mark;
      const light = on => [tr.firstChild, head.children[i + 1]].forEach(th => th.classList.toggle('lit', on));
      td.onmouseenter = () => { light(true); if (!pinned) show(row.name, data.columns[i]); };
      td.onmouseleave = () => light(false);
      td.onclick = () => {
        const again = pinned === td;
        if (pinned) pinned.classList.remove('chosen');
        pinned = again ? null : td;
        if (pinned) td.classList.add('chosen');
        show(row.name, data.columns[i]);
      };
      td.onkeydown = event => { if (event.key === 'Enter') td.click(); };
    }
    tr.append(td);
  });
  body.append(tr);
}
table.append(thead, body);
const first = document.querySelector('td.bad');
if (first) first.click();
)js";

/// `data`, a JSON text, as the content of a script element: nothing in it can end that.
std::string inside_script(std::string_view data) {
  std::string out;
  for (const char c : data) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string matrix_html(std::string_view lab, const Matrix& matrix) {
  const auto name = escape_xml(lab);
  const auto sum = fmt::format("{} pairs, {} probes, ", matrix.pairs, matrix.cells.size());
  auto result = matrix.disagreements == 0
                    ? fmt::format("<b>packets and rules agree {}</b>", matrix.not_asked == 0 ? "everywhere" : "so far")
                    : fmt::format("<span class=\"bad\">{} disagreements</span>", matrix.disagreements);
  if (matrix.not_asked != 0) result += fmt::format(", <span class=\"bad\">{} could not be asked</span>", matrix.not_asked);
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += fmt::format("<title>{} – predicted and proved</title>\n<style>{}</style>\n</head>\n<body>\n", name, kStyle);
  out += fmt::format("<header><h1>{}: predicted and proved</h1>\n<p>{}{}. Rows ask, columns answer; point at a square, or click it.", name,
                     sum, result);
  out +=
      "<span class=\"key\"><span style=\"background:var(--ok)\"></span>passes<span style=\"background:var(--some)\"></span>in part"
      "<span style=\"background:var(--else)\"></span>another node has the address<span style=\"background:var(--none)\"></span>does not"
      "<span style=\"background:var(--bad)\"></span>disagrees</span></p></header>\n";
  out += "<main><div id=\"grid\"><table></table></div><section id=\"story\"></section></main>\n";
  out += fmt::format("<script id=\"data\" type=\"application/json\">{}</script>\n", inside_script(matrix_page_data(matrix)));
  out += fmt::format("<script>{}</script>\n</body>\n</html>\n", kScript);
  return out;
}

}  // namespace emu
