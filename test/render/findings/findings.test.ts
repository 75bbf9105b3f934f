// Findings in the formats of those who read them.
import { describe, expect, test } from 'vitest';
import { toGithub } from '../../../src/render/findings/github.ts';
import { toGitlab } from '../../../src/render/findings/gitlab.ts';
import { toJunit } from '../../../src/render/findings/junit.ts';
import {
  type Report,
  type ReportedFinding,
  worstFirst,
} from '../../../src/render/findings/report.ts';
import { toSarif } from '../../../src/render/findings/sarif.ts';

const range = { start: { line: 3, column: 1 }, end: { line: 3, column: 14 } };

function finding(own: Partial<ReportedFinding> = {}): ReportedFinding {
  return {
    ...{ severity: 'error', code: 'unknown-field', path: 'widgets/ava.yaml', range },
    ...{ summary: 'unknown field header_colour', detail: 'Did you mean header_color?' },
    ...own,
  };
}

function report(findings: ReportedFinding[], own: Partial<Report> = {}): Report {
  return { findings, files: ['widgets/ava.yaml'], isStrict: false, ...own };
}

describe('for GitHub', () => {
  test('a finding is one command, with its place and a title', () => {
    expect(toGithub(report([finding()]))).toBe(
      '::error file=widgets/ava.yaml,line=3,endLine=3,col=1,endColumn=13,title=unknown field header_colour::Did you mean header_color? [unknown-field]\n',
    );
  });

  test('columns are left out over several lines, and the place where there is none', () => {
    const end = { line: 5, column: 2 };
    const both = [
      finding({ range: { start: range.start, end }, severity: 'warning' }),
      finding({ range: null, path: 'widgets', severity: 'note', detail: '' }),
    ];
    expect(toGithub(report(both))).toBe(
      '::warning file=widgets/ava.yaml,line=3,endLine=5,title=unknown field header_colour::Did you mean header_color? [unknown-field]\n' +
        '::notice file=widgets,title=unknown field header_colour::unknown field header_colour [unknown-field]\n',
    );
  });

  test('what would end a command, or a property of it, is escaped', () => {
    const hostile = finding({
      path: 'widgets/a,b:c%.yaml',
      summary: 'x,title=y::z%\n::error::forged',
      detail: '100%\r\n::error::forged',
    });
    expect(toGithub(report([hostile]))).toBe(
      '::error file=widgets/a%2Cb%3Ac%25.yaml,line=3,endLine=3,col=1,endColumn=13,' +
        'title=x%2Ctitle=y%3A%3Az%25%0A%3A%3Aerror%3A%3Aforged::100%25%0D%0A::error::forged [unknown-field]\n',
    );
  });

  test('of eleven of a kind nine are shown, and the tenth line says how many more there are', () => {
    const errors = Array.from({ length: 11 }, (_, at) => finding({ summary: `error ${at}` }));
    const warnings = Array.from({ length: 10 }, () => finding({ severity: 'warning' }));
    const lines = toGithub(report([...errors, ...warnings]))
      .trimEnd()
      .split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(lines[9]).toBe(
      '::error::and 2 more errors: GitHub shows 10 of a kind; widget-sync validate names all of them',
    );
    expect(lines.filter((line) => line.startsWith('::warning file'))).toHaveLength(10);
  });
});

describe('fingerprints', () => {
  const printsOf = (findings: ReportedFinding[]) => {
    const entries: { fingerprint: string }[] = JSON.parse(toGitlab(report(findings)));
    return entries.map(({ fingerprint }) => fingerprint);
  };

  test('an edit above a finding makes no new one', () => {
    const lower = { start: { line: 9, column: 1 }, end: { line: 9, column: 14 } };
    expect(printsOf([finding({ range: lower })])).toEqual(printsOf([finding()]));
  });

  test('equal findings, other files, codes and summaries are told apart', () => {
    const all = [
      finding(),
      finding(),
      finding({ path: 'widgets/b.yaml' }),
      finding({ code: 'wrong-type' }),
      finding({ summary: 'another' }),
    ];
    expect(new Set(printsOf(all)).size).toBe(all.length);
  });
});

test('for GitLab, each finding has what a report of code quality needs', () => {
  const [error, warning] = JSON.parse(
    toGitlab(report([finding(), finding({ severity: 'warning', range: null })])),
  );
  expect(error).toEqual({
    description: 'unknown field header_colour [unknown-field] Did you mean header_color?',
    check_name: 'unknown-field',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    severity: 'major',
    location: { path: 'widgets/ava.yaml', lines: { begin: 3 } },
  });
  expect(warning).toMatchObject({ severity: 'minor', location: { lines: { begin: 1 } } });
});

describe('as SARIF', () => {
  const tool = { version: '1.2.3', describe: (code: string) => `About ${code}.` };

  test('results name their rule, their place, and the file as an address', () => {
    const found = [finding({ path: 'a b/#ä.yaml' }), finding({ code: 'alias-bomb', range: null })];
    const { runs } = JSON.parse(toSarif(report(found), tool));
    expect(runs[0].tool.driver).toEqual({
      name: 'widget-sync',
      semanticVersion: '1.2.3',
      rules: [
        { id: 'alias-bomb', shortDescription: { text: 'About alias-bomb.' } },
        { id: 'unknown-field', shortDescription: { text: 'About unknown-field.' } },
      ],
    });
    expect(runs[0].results[0]).toMatchObject({
      ...{ ruleId: 'unknown-field', ruleIndex: 1, level: 'error' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'a%20b/%23%C3%A4.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 14 },
          },
        },
      ],
    });
    expect(runs[0].results[1].locations[0].physicalLocation).not.toHaveProperty('region');
  });

  test('no more results are given than GitHub takes, the worst of all first', () => {
    const warnings = Array.from({ length: 25_000 }, () => finding({ severity: 'warning' }));
    const { runs } = JSON.parse(toSarif(report(worstFirst([...warnings, finding()])), tool));
    expect(runs[0].results).toHaveLength(25_000);
    expect(runs[0].results[0].level).toBe('error');
  });
});

describe('as JUnit', () => {
  test('each file is a case, and what is no error stands beside it', () => {
    const found = [finding(), finding({ severity: 'warning', path: 'widgets/b.yaml' })];
    const files = ['widgets/ava.yaml', 'widgets/b.yaml', 'widgets/c.yaml'];
    expect(toJunit(report(found, { files }))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="widget-sync validate" tests="3" failures="1" errors="0" skipped="0">
  <testsuite name="widget-sync validate" tests="3" failures="1" errors="0" skipped="0">
    <testcase name="widgets/ava.yaml" classname="widgets">
      <failure type="unknown-field" message="unknown field header_colour">widgets/ava.yaml:3:1: error: unknown field header_colour [unknown-field] Did you mean header_color?</failure>
    </testcase>
    <testcase name="widgets/b.yaml" classname="widgets">
      <system-out>widgets/b.yaml:3:1: warning: unknown field header_colour [unknown-field] Did you mean header_color?</system-out>
    </testcase>
    <testcase name="widgets/c.yaml" classname="widgets"/>
  </testsuite>
</testsuites>
`);
  });

  test('with --strict a warning is a failure', () => {
    const warned = [finding({ severity: 'warning' })];
    expect(toJunit(report(warned, { isStrict: true }))).toContain('<failure type="unknown-field"');
    expect(toJunit(report(warned))).not.toContain('<failure');
  });

  test('several errors of a file are one failure, and what XML lacks is replaced', () => {
    const odd = finding({ summary: 'a\u0000<&"\u{fffe}', detail: '' });
    const xml = toJunit(report([odd, finding()]));
    expect(xml).toContain('message="a\\u0000&lt;&amp;&quot;\u{fffd} (and 1 more)"');
    expect(xml.match(/<failure/g)).toHaveLength(1);
  });
});
