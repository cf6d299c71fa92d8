/** The part of the style sheet that forecast and geometry need. */

const TABLE = `
main,.top,footer{max-width:1240px}
.verdicts thead .c-name{width:27%}.verdicts thead .c-shift{width:17%}.verdicts thead .c-plot{width:21%}.verdicts thead .c-verdict{width:15%}.verdicts thead .c-todo{width:20%}
.verdicts.with-6 thead .c-name{width:21%}.verdicts.with-6 thead .c-forecast{width:12%}.verdicts.with-6 thead .c-shift{width:13.5%}.verdicts.with-6 thead .c-plot{width:14.5%}.verdicts.with-6 thead .c-verdict{width:12%}.verdicts.with-6 thead .c-mechanism{width:12%}.verdicts.with-6 thead .c-todo{width:15%}
.verdicts.with-5 thead .c-name{width:24%}.verdicts.with-5 thead .c-forecast,.verdicts.with-5 thead .c-mechanism{width:14%}.verdicts.with-5 thead .c-shift{width:14%}.verdicts.with-5 thead .c-plot{width:17%}.verdicts.with-5 thead .c-verdict{width:13%}
.verdicts thead th{white-space:normal;line-height:1.3}
.uncalibrated{display:block;font-weight:400;font-style:italic}
.ways{display:flex;justify-content:space-between;gap:8px;max-width:150px;font-weight:400;font-size:.75rem;white-space:nowrap}
.verdicts .push{margin-top:3px}
.verdicts .delta{font-size:1.02em}.place{display:block;font-size:.8rem;color:var(--muted);margin-top:1px}
.c-mechanism{line-height:1.35}.mech{font-size:.875rem;font-weight:600;line-height:1.35}a.mech{text-decoration-style:dotted}
.why-legend,.take-back{margin:0 0 18px;font-size:.9rem}.why-legend .facts,.take-back p{margin-top:6px}.take-back p{max-width:64em}.take-back pre{margin:6px 0 12px;padding:8px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.callout{border-left:3px solid var(--link);background:var(--quote);border-radius:3px 8px 8px 3px;padding:10px 16px;font-size:.93rem;max-width:64em}
.callout.warn{border-left-color:var(--amber);background:var(--amber-bg)}`;

const GRID = `
.grid{font-size:.875rem;width:100%}.grid.narrow{width:auto}
.grid th,.grid td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;text-align:left}
.grid .num{text-align:right}.grid thead th{color:var(--muted);font-size:.8rem;vertical-align:bottom;font-weight:600}
.grid tbody th{font-weight:400;min-width:10em}.grid tr>:last-child{padding-right:0}
.grid .strong{font-weight:600}.grid .strong .sub{font-weight:400}.grid .sub,.chain .sub{white-space:nowrap}
.grid .tag{white-space:nowrap;margin-left:2px}
.forecast thead tr:first-child th[colspan="2"]:not(.push-head){border-bottom:0;padding-bottom:0}
.push-head{text-align:right}.bar-cell{width:164px;min-width:164px}.push-head svg,.bar-cell svg{width:150px}.push-head svg,.bar-cell svg{margin-left:auto}.what-came{white-space:nowrap;padding-left:12px}.what-came .came{font-weight:600}
.came{white-space:nowrap;margin-left:4px}
.hook{white-space:nowrap}.grid .pale,.grid .pale *{color:var(--muted);font-weight:400}
.grid.lens td,.grid.lens th{min-width:5em}.grid.lens td.tokens{min-width:15em;max-width:24em}
.figure-title{flex-basis:100%}.key.long{white-space:normal}`;

const CHAIN = `
.chain{font-size:.875rem;table-layout:fixed;margin:6px 0 26px}
.chain .k1,.chain .k2{width:25%}.chain .k3{width:9%}.chain .k4{width:15%}.chain .k5{width:26%}
.chain thead th{color:var(--muted);font-size:.8rem;padding:4px 14px 4px 0;border-bottom:1px solid var(--line-strong)}.chain thead .k3{text-align:right}
.chain td{padding:8px 14px 8px 0;border-bottom:1px solid var(--line);vertical-align:top}.chain td.num{text-align:right;padding-right:22px}
.chain .sub{white-space:normal}.chain tbody{border-bottom:1px solid var(--line-strong)}
.chain .k4,.chain .k5{padding-left:14px}.chain td.of{border-left:1px solid var(--line);padding-left:14px}
.cause{display:block;margin-top:4px}.cause .sub{display:block}
.latent{font-weight:600;white-space:nowrap}.gist{font-size:.93em;color:var(--muted)}
.token{background:var(--quote);border:1px solid var(--line);border-radius:4px;padding:0 4px;color:var(--ink);unicode-bidi:isolate;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.93em}
.chip{display:inline-block;margin:0 10px 3px 0;font-size:.875rem;max-width:100%}
.tokens{margin:0}
figure .note{margin:8px 0 0}svg+.note{margin-top:8px}`;

const CARDS = `
.split.even{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.card .title,.item .title{font-size:1rem;color:var(--ink);font-weight:650;margin:0}
.mechanism .facts,.item .title+.facts{display:block;margin-bottom:.5rem}.mechanism .facts>div,.item .title+.facts>div{display:grid;grid-template-columns:21em minmax(0,1fr);padding:3px 0}.mechanism .facts dt{font-size:.9rem}
#why h3,#features h3{margin:26px 0 8px}#why .card h3{margin:0}
.residue{font-size:.9rem}.channel{display:inline-block;margin-right:14px}.channel b{font-weight:600}
.feature{border-top:1px solid var(--line);margin:0;padding:2px 0}.feature summary{color:var(--ink)}.feature summary .shape{margin:0 6px 0 2px}.feature .facts>div{padding:3px 0}.feature[open]{padding-bottom:18px}.feature:target{background:var(--quote)}
.feature h4{margin-top:12px}
.contexts{list-style:none;margin:0;padding:0;font-size:.9rem}.contexts li{display:grid;grid-template-columns:4em minmax(0,1fr);gap:12px;padding:4px 0;border-top:1px solid var(--line)}
.contexts .value{color:var(--muted);text-align:right}.context{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
mark{background:color-mix(in oklab,var(--warm) 28%,var(--surface));color:var(--ink);border-radius:3px;padding:0 2px}`;

const DRAWINGS = `
.push{max-width:150px}.push .bar{fill:var(--link);opacity:.55}.push .range{stroke:var(--ink);stroke-width:1.2;fill:none}.push.axis text{font-size:11px;font-weight:400}
.scatter .point circle,.scatter .point rect,.scatter .point path{stroke:var(--bg);stroke-width:1.2}
.scatter .circle circle{fill:var(--link)}.scatter .diamond path{fill:var(--warm)}.scatter .square rect{fill:var(--ink)}
.scatter .hollow circle{fill:var(--bg);stroke:var(--grey);stroke-width:1.8}
.scatter:not(.map) .diamond path{fill:var(--red)}.scatter:not(.map) .square rect{fill:var(--blue)}
.scatter .spot{font-size:11.5px}.scatter .frame{fill:var(--surface);stroke:var(--line)}
.shape{display:inline-block;width:10px;height:10px;background:var(--link);border-radius:50%;flex:none;margin-right:2px}
.shape.diamond{background:var(--warm);border-radius:0;transform:rotate(45deg) scale(.85)}.shape.square{background:var(--ink);border-radius:0}.shape.hollow{background:none;border:2px solid var(--grey)}
#forecast .shape.diamond{background:var(--red)}#forecast .shape.square{background:var(--blue)}
.line-c path{stroke:var(--green);stroke-dasharray:1.5 4;stroke-linecap:round}.line-c circle{fill:var(--green)}.line-d path{stroke:var(--red);stroke-dasharray:9 4}.line-d circle{fill:var(--red)}.line-e path{stroke:var(--amber);stroke-dasharray:9 3 2 3}.line-e circle{fill:var(--amber)}
.swatch{flex:none}.line-strong path{stroke:var(--ink);stroke-width:3}.line-strong circle{fill:var(--ink)}.stroke{display:inline-block;width:28px;height:8px;flex:none}.stroke path{fill:none;stroke-width:2.5}
.swatch.patch{height:10px;border:0;background:var(--line-strong);opacity:.6}.swatch.fill-a{height:10px;border:0;background:var(--link);opacity:.55}
.chart .band{fill:var(--line-strong);opacity:.35}.chart .single{fill:var(--bg);stroke:var(--ink);stroke-width:2}
.histogram .seen{fill:var(--link);opacity:.55}.histogram .chance{fill:none;stroke:var(--warm);stroke-width:2;stroke-dasharray:5 4}
.takeback{--tone:var(--link)}.takeback .half{stroke:var(--ink);stroke-dasharray:3 3;opacity:.7}.takeback .null{stroke:var(--muted);stroke-width:2.5;fill:none}.takeback .null.matched{stroke:var(--warm)}.takeback .row-name{fill:var(--ink);font-size:13px;paint-order:stroke;stroke:var(--bg);stroke-width:5px}
.tick{display:inline-block;width:3px;height:14px;background:var(--muted)}.tick.matched{background:var(--warm)}`;

const NARROW = `
@media screen and (max-width:940px){
.split.even{grid-template-columns:minmax(0,1fr)}
.chain,.chain tbody,.chain tr{display:block}
.chain thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.chain tr{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:8px 16px;padding:12px 0;border-bottom:1px solid var(--line)}
.chain td,.chain td.num,.chain td.of{display:block;padding:0;border:0;text-align:left}.chain td.num{grid-column:1/-1}
.verdicts td.c-todo{grid-column:1/-1}.chain td.of{order:-1;grid-column:1/-1}.chain tbody{padding-top:14px}.chain tr.rest td{grid-column:1/-1}
.chain td[data-label]::before{content:attr(data-label);display:block;font-size:.78rem;color:var(--muted)}
.mechanism .facts>div,.item .title+.facts>div{grid-template-columns:minmax(0,1fr)}
.scatter text,.histogram text,.takeback text{font-size:16px}.scatter .spot,.takeback .row-name{font-size:15px}
.grid tbody th{min-width:8em;max-width:11em;position:sticky;left:0;background:var(--bg)}.grid tbody th code{overflow-wrap:anywhere;white-space:normal}.push{max-width:180px}
}
@media print{
.why-legend,.take-back,.feature-cards{display:none!important}.chain,.grid{font-size:8pt}details .grid{font-size:6.5pt;table-layout:fixed;width:100%;overflow-wrap:anywhere}details .grid :is(th,td){padding-inline:3px}.callout{break-inside:avoid}
.scatter,.histogram,.bar,.mark,mark,.shape,.swatch,.tick{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;

export const GEOMETRY_STYLE = [TABLE, GRID, CHAIN, CARDS, DRAWINGS, NARROW].join("\n");
