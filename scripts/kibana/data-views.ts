import { idOf } from './names.ts';
import type { Data } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Links the run in the vendor's console for documents of runs whose payload has no link, derived as the vendor's own
 * client does.
 */
const CONSOLE_URL = 'stepsecurity.console_url';
const CONSOLE_SCRIPT = `if (doc.containsKey('event.url') && !doc['event.url'].empty && doc['event.url'].value.startsWith('https://app.stepsecurity.io/')) {
  emit(doc['event.url'].value);
} else if (doc.containsKey('cicd.pipeline.run.id') && !doc['cicd.pipeline.run.id'].empty && !doc['vcs.owner.name'].empty && !doc['vcs.repository.name'].empty && !doc['vcs.provider.name'].empty && doc['vcs.provider.name'].value == 'github') {
  emit('https://app.stepsecurity.io/github/' + doc['vcs.owner.name'].value + '/' + doc['vcs.repository.name'].value + '/actions/runs/' + doc['cicd.pipeline.run.id'].value);
}`;

const runtimeFields = { [CONSOLE_URL]: { type: 'keyword', script: { source: CONSOLE_SCRIPT } } };

const link = (label: string): Json => ({
  id: 'url',
  params: { urlTemplate: '{{rawValue}}', labelTemplate: label },
});
/**
 * Kibana turns `../app` into its own URL, in any space. The link opens in a new tab, which would start with the last 15
 * minutes: too short for a run from this morning.
 */
const RUN_DASHBOARD = `../app/dashboards#/view/${idOf('run')}?_g=(time:(from:now-90d,to:now))&_a=(query:(language:kuery,query:'cicd.pipeline.run.id:%22{{value}}%22'))`;

const formats = {
  'cicd.pipeline.run.id': { id: 'url', params: { urlTemplate: RUN_DASHBOARD, labelTemplate: '{{value}}' } },
  [CONSOLE_URL]: link('Open in StepSecurity'),
  'event.url': link('{{value}}'),
  'cicd.pipeline.task.run.url.full': link('Open the job'),
  'stepsecurity.pr_check.pr_url': link('{{value}}'),
};

/** The data views: for the vendor's detections, and for the feed. */
export const DATA_VIEWS: Readonly<Record<Data, { readonly id: string; readonly body: Json }>> = {
  events: {
    id: idOf('events'),
    body: {
      title: 'logs-stepsecurity.*-*',
      name: 'StepSecurity',
      timeFieldName: '@timestamp',
      fieldFormatMap: JSON.stringify(formats),
      runtimeFieldMap: JSON.stringify(runtimeFields),
      fieldAttrs: '{}',
      fields: '[]',
      sourceFilters: '[]',
      allowHidden: false,
    },
  },
  feed: {
    id: idOf('heartbeats'),
    body: {
      title: 'metrics-stepsecurity.feed-*',
      name: 'StepSecurity feed',
      timeFieldName: '@timestamp',
      fieldFormatMap: '{}',
      runtimeFieldMap: '{}',
      fieldAttrs: '{}',
      fields: '[]',
      sourceFilters: '[]',
      allowHidden: false,
    },
  },
};
