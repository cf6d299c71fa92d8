import { GEOMETRY_STYLE } from "./geometryStyle.ts";

/** The page's one style sheet. No style attributes anywhere: the content security policy admits this text by its hash. */

const LIGHT = `
--bg:#fbfaf8;--surface:#ffffff;--ink:#1d1e22;--muted:#5b5f69;--line:#e5e3de;--line-strong:#c9c6bf;--link:#24549c;
--red:#a62b1f;--red-bg:#fae9e6;--amber:#7d5300;--amber-bg:#f8eed8;--green:#22654a;--green-bg:#e4f1ea;
--blue:#34509a;--blue-bg:#e8ecf7;--grey:#5b5f69;--grey-bg:#efeeeb;--band:#ece9e2;--warm:#e2703a;--cold:#3d7fc4;--quote:#f6f4f0;`;

const DARK = `
--bg:#141518;--surface:#1b1d21;--ink:#e9e8e4;--muted:#a4a8b1;--line:#2e3137;--line-strong:#4a4e57;--link:#8db4f0;
--red:#ff9a8c;--red-bg:#3c1f1c;--amber:#e8bd68;--amber-bg:#372b14;--green:#84cfa9;--green-bg:#183127;
--blue:#a5b9f5;--blue-bg:#222a45;--grey:#a4a8b1;--grey-bg:#2a2c31;--band:#2a2c31;--warm:#d8693a;--cold:#3f7fc2;--quote:#212328;`;

const BASE = `
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,.top,footer{max-width:1160px;margin:0 auto;padding:0 32px}
h1,h2,h3,h4{line-height:1.25;letter-spacing:-.012em;margin:0;font-weight:650}
h1{font-size:1.42rem;max-width:46em;line-height:1.32;text-wrap:pretty;margin:.35rem 0 .75rem}
h2{font-size:1.35rem;margin-bottom:.5rem}
h3{font-size:1rem}
h4{font-size:.8rem;color:var(--muted);font-weight:600;letter-spacing:0;margin-bottom:.3rem}
p{margin:0 0 .75rem}
a{color:var(--link);text-underline-offset:2px;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
abbr{text-decoration:none}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-9999px}.skip:focus{left:16px;top:12px;background:var(--surface);padding:8px 14px;z-index:1}
.top{padding-top:28px}
.brand{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between;align-items:baseline;font-size:.875rem;color:var(--muted)}
.brand b{color:var(--ink);font-weight:650;letter-spacing:-.01em}
.run{color:var(--muted);font-size:.93rem;margin-bottom:1.1rem;max-width:75em}
nav ul{display:flex;flex-wrap:wrap;gap:6px 20px;list-style:none;margin:0;padding:14px 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line);font-size:.9rem}
section{padding-top:52px}
section .lead{max-width:48em;margin-bottom:.5rem}
.note,.legend,.muted,.sub,.question,.more{color:var(--muted)}
.note{font-size:.9rem;max-width:60em}
.empty{color:var(--muted);border:1px dashed var(--line-strong);border-radius:8px;padding:14px 18px}
footer{padding-top:44px;padding-bottom:44px;color:var(--muted);font-size:.875rem}`;

const VERDICTS = `
.tally{display:flex;flex-wrap:wrap;gap:8px;list-style:none;margin:0 0 18px;padding:0}
.tally a{display:block;padding:4px 13px;border-radius:999px;font-size:.9rem;text-decoration:none}
.tally a:hover{text-decoration:underline}
.tally .moved a{background:var(--red-bg);color:var(--red)}.tally .undecided a{background:var(--amber-bg);color:var(--amber)}
.tally .still a{background:var(--green-bg);color:var(--green)}.tally .task a{background:var(--blue-bg);color:var(--blue)}
.tally .missing a{background:var(--grey-bg);color:var(--grey)}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--muted);font-size:.9rem;padding-bottom:10px;max-width:74em}
th{font-weight:600;text-align:left}
.verdicts{font-size:.93rem;table-layout:fixed}
.verdicts thead th{font-size:.8rem;color:var(--muted);padding:4px 10px;border-bottom:1px solid var(--line-strong);vertical-align:bottom;white-space:nowrap}
.verdicts td,.verdicts th.name{padding:8px 10px;border-bottom:1px solid var(--line);vertical-align:top}
.verdicts tr>:first-child{padding-left:0}.verdicts tr>:last-child{padding-right:0}
.verdicts .group th{padding:20px 0 6px;border-bottom:1px solid var(--line)}
.verdicts tbody:first-of-type .group th{padding-top:10px}
.group-title{font-size:1rem;font-weight:650}.group-hint{color:var(--muted);font-weight:400;font-size:.875rem;margin-left:6px}
.group-title.moved{color:var(--red)}.group-title.undecided{color:var(--amber)}.group-title.still{color:var(--green)}.group-title.task{color:var(--blue)}.group-title.missing{color:var(--grey)}
.verdicts .name{line-height:1.35}
.question{display:block;font-weight:400;font-size:.84rem;line-height:1.4;margin-top:2px}
.num{text-align:right}.verdicts thead .num{text-align:right}
.change{white-space:nowrap}.arrow{color:var(--muted)}
.sub{display:block;font-size:.8rem;line-height:1.4}
.way{font-size:.8rem}.way.riskier{color:var(--red)}.way.safer{color:var(--green)}
.verdicts .reading{color:var(--muted);font-weight:400}
.badge{display:inline-block;white-space:nowrap;border-radius:6px;padding:1px 9px;font-size:.86rem;font-weight:600}
.badge.affected{color:var(--red);background:var(--red-bg)}.badge.inconclusive{color:var(--amber);background:var(--amber-bg)}
.badge.unaffected{color:var(--green);background:var(--green-bg)}.badge.missing{color:var(--grey);background:var(--grey-bg)}
.badge.task{color:var(--blue);background:var(--blue-bg)}
.why{display:block;font-size:.84rem;margin:3px 0 0 9px}
.todo{font-size:.875rem;line-height:1.4}
.legend{font-size:.84rem;margin-top:14px;max-width:74em}`;

const PLOTS = `
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--muted);font-size:12px;font-variant-numeric:tabular-nums}
.plot.axis text{font-size:11px;font-weight:400}
.band{fill:var(--band)}.zero{stroke:var(--line-strong)}
.plot{--tone:var(--grey)}.plot.affected{--tone:var(--red)}.plot.inconclusive{--tone:var(--amber)}.plot.unaffected{--tone:var(--green)}.plot.task{--tone:var(--blue)}
.thin{stroke:var(--tone);stroke-width:1.5;fill:none}.thick{stroke:var(--tone);stroke-width:5;opacity:.5}
.mark{fill:var(--tone);stroke:var(--bg);stroke-width:1.5}.mark.hollow{fill:var(--bg);stroke:var(--tone);stroke-width:2}
.split{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:20px 44px;align-items:start;margin:14px 0 26px}
figure{margin:0}figcaption{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.9rem;font-weight:600;margin-bottom:10px}
.key{display:inline-flex;align-items:center;gap:6px;font-weight:400;color:var(--muted);white-space:nowrap}
.swatch{display:inline-block;width:18px;height:0;border-top:3px solid}.swatch.line-a{border-color:var(--link)}.swatch.line-b{border-top-style:dashed;border-color:var(--warm)}.swatch.line-faint{border-color:var(--line-strong)}
.rule{stroke:var(--line)}
.chart path{fill:none;stroke-width:2;stroke-linejoin:round}
.line-a path{stroke:var(--link)}.line-a circle{fill:var(--link)}
.line-b path{stroke:var(--warm);stroke-dasharray:5 4}.line-b circle{fill:var(--warm)}
.line-faint path{stroke:var(--line-strong);stroke-width:1.2}.line-faint circle{fill:var(--line-strong)}
.aside{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:16px 20px;font-size:.9rem}
.aside h3{margin-bottom:.4rem}.aside p:last-child{margin:0}
.scroll{overflow-x:auto;padding-bottom:6px}
.heat{font-size:.84rem;width:auto;border-collapse:separate;border-spacing:2px}
.heat th{font-weight:400;padding:3px 10px 3px 0;white-space:nowrap}.heat thead th{color:var(--muted);text-align:center;padding:3px 2px;font-size:.8rem}.heat thead th:first-child{text-align:left}
.heat td{text-align:center;min-width:46px;padding:5px 4px;border-radius:4px;background:var(--surface)}
.heat .pale,.heat .none,.heat .chance{color:var(--muted);background:none}.heat tfoot th{color:var(--muted)}
.heat tr>th:first-child{position:sticky;left:0;background:var(--bg)}.heat caption{max-width:min(74em,calc(100vw - 40px))}`;

const SECTIONS = `
.pair{display:grid;grid-template-columns:1fr 1fr;gap:12px 20px;padding:18px 0;border-top:1px solid var(--line)}
.pair .prompt{grid-column:1/-1}.pair h3{font-size:.8rem;color:var(--muted);font-weight:600;letter-spacing:0;margin-bottom:.3rem}
.quote{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;font-size:.93rem;line-height:1.5}
.side .quote,.item .quote{background:var(--quote);border-radius:8px;padding:10px 14px}
.side.after .quote{border-left:3px solid var(--link);border-radius:3px 8px 8px 3px}
.label,.about,.tag{font-weight:600;font-size:.78rem;background:var(--grey-bg);color:var(--grey);border-radius:5px;padding:1px 8px;margin-left:6px}
details{margin:10px 0}summary{cursor:pointer;color:var(--link);font-size:.93rem;padding:4px 0}
.card{border-top:1px solid var(--line);padding:20px 0 12px;scroll-margin-top:8px}
.card header{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center}
.card .question{margin:3px 0 8px;font-size:.9rem}.card .reason{max-width:60em}
.facts{margin:0 0 .75rem;font-size:.9rem}
.facts>div{display:grid;grid-template-columns:minmax(8em,12em) minmax(0,1fr);gap:0 20px;padding:5px 0}
.facts dt{color:var(--muted)}.facts dd{margin:0;max-width:52em;overflow-wrap:anywhere}
.card .facts{display:flex;flex-wrap:wrap;gap:4px 28px}.card .facts>div{display:block;padding:0}.card .facts dt{font-size:.8rem}
#method .facts>div{padding:8px 0;border-top:1px solid var(--line)}#method .facts dt{color:var(--ink);font-weight:600}
.item{padding:14px 0;border-top:1px solid var(--line)}.item .score{margin-bottom:.4rem;font-size:.9rem}.item>.quote{background:none;padding:0;margin-bottom:10px}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:12px 20px}
.plain{font-size:.9rem;margin-top:14px}.plain th,.plain td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}.plain .num{text-align:right}
.hash{color:var(--muted);overflow-wrap:anywhere;font-size:.8em}
.prose{max-width:52em;padding-left:1.2em;margin:0}.prose li{margin-bottom:.5rem}
pre{background:var(--quote);border-radius:8px;padding:14px 18px;overflow-x:auto;max-height:32em}`;

/** Below 760 px each row of the verdict table becomes a card; roles in the markup keep it a table for a screen reader. */
const NARROW = `
@media screen and (max-width:940px){
main,.top,footer{padding-left:20px;padding-right:20px}
h1{font-size:1.25rem}section{padding-top:40px}
.split,.pair,.columns{grid-template-columns:minmax(0,1fr)}
.verdicts,.verdicts tbody,.verdicts caption{display:block}
.verdicts thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.verdicts .group{display:block}.verdicts .group th{display:block;padding:22px 0 8px}.group-hint{display:block;margin:0}
.verdicts tr:not(.group){display:grid;grid-template-columns:1fr 1fr;gap:10px 16px;padding:16px 0;border-bottom:1px solid var(--line)}
.verdicts td,.verdicts th.name{display:block;padding:0;border:0}
.verdicts .name,.verdicts .plot-cell{grid-column:1/-1}
.verdicts td.num{text-align:left}
.verdicts td[data-label]::before{content:attr(data-label);display:block;font-size:.78rem;color:var(--muted)}
.plot{max-width:300px}
.chart text{font-size:16px}
.facts>div{grid-template-columns:minmax(0,1fr)}.facts dt{font-size:.84rem}
.heat tbody th,.heat tfoot th,.heat thead th:first-child{position:sticky;left:0;background:var(--bg);max-width:9.5em;white-space:normal;line-height:1.25}
}`;

const PRINT = `
.sign-off{display:none}
@media print{
.sign-off{display:block;break-inside:avoid;border:1px solid var(--line);padding:8pt 12pt!important;margin-top:12pt}
.sign-off .facts{font-size:8.5pt}.sign-off .hash{font-size:7pt}
.boxes span{margin-right:18pt}.boxes i{display:inline-block;width:9pt;height:9pt;border:1pt solid;margin-right:5pt;vertical-align:-1pt}
.sign-off .note{margin:8pt 0 2pt}.lines{margin:0}.lines div{display:flex;gap:8pt;align-items:flex-end;height:24pt}.lines dd{flex:1;margin:0;border-bottom:1px solid}
:root{${LIGHT}--bg:#fff}
body{font-size:10.5pt}main,.top,footer{max-width:none;padding-left:0;padding-right:0}
nav,.skip,.why,summary,.card details,#reproduction details{display:none!important}
.verdicts{font-size:8.5pt}.verdicts .badge,.todo,.question,.sub,.way{font-size:7.5pt}.verdicts td,.verdicts th.name{padding:5px}
.verdicts .mech,.verdicts .c-forecast{font-size:7pt;overflow-wrap:normal}
.verdicts thead th,.verdicts thead th *{font-size:7pt;overflow-wrap:normal;hyphens:manual}
.heat{font-size:7.5pt}.heat td{min-width:0}.facts,.card .question{font-size:9.5pt}
section{padding-top:22pt}h2,h3,.group,.lead,.note{break-after:avoid}.facts>div,.card{break-inside:avoid}
.verdicts tr,.pair,.item,figure,.heat tr{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto;display:block}
.scroll{overflow:visible}pre{max-height:none;white-space:pre-wrap}
.badge,.tally a,.heat td,.band,.mark,.quote{-webkit-print-color-adjust:exact;print-color-adjust:exact}
a{color:inherit}
@page{margin:15mm}
}`;

function heatColours(): string {
  return Array.from({ length: 10 }, (_, i) => {
    const share = 5 * (i + 1);
    return `.heat .p${i + 1}{background:color-mix(in oklab,var(--warm) ${share}%,var(--surface))}.heat .m${i + 1}{background:color-mix(in oklab,var(--cold) ${share}%,var(--surface))}`;
  }).join("\n");
}

export const STYLE = [
  `:root{color-scheme:light dark;${LIGHT}}`,
  `@media (prefers-color-scheme:dark){:root{${DARK}}}`,
  BASE,
  VERDICTS,
  PLOTS,
  heatColours(),
  SECTIONS,
  GEOMETRY_STYLE,
  NARROW,
  PRINT,
].join("\n");
