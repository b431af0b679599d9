// @hubspot/api-client (npm): objects, batches, search, associations v4, merge, owners, pipelines, properties, errors.
import { Client } from '@hubspot/api-client';
import { refusal, run } from './steps.mjs';

const hs = new Client({ accessToken: 'pat-na1-stranger', basePath: process.env.SANDBOX_HUBSPOT });
const { contacts, companies } = hs.crm;
const status = (error) => [error.code, error.body.category];
const create = (properties) => contacts.basicApi.create({ properties, associations: [] });

await run({
  async row() {
    const { id } = await create({ email: 'Node@Example.com', lastname: 'Ås' });
    await contacts.basicApi.update(id, { properties: { city: 'Bodø' } });
    const read = await contacts.basicApi.getById(id, ['email', 'city'], ['city']);
    await contacts.basicApi.archive(id);
    return [read.properties, read.propertiesWithHistory.city.length, await refusal(() => contacts.basicApi.getById(id), ({ code }) => code)].map(
      (part) => part.email ? [part.email, part.city] : part);
  },
  async conflict() {
    await create({ email: 'node-twice@example.com' });
    return refusal(() => create({ email: 'node-twice@example.com' }), status);
  },
  invalid: () => refusal(() => create({ email: 'x' }), status),
  unauthorized: () => refusal(() => new Client({ accessToken: 'nonsense', basePath: process.env.SANDBOX_HUBSPOT }).crm.contacts.basicApi.getPage(), status),
  async pages() {
    const ids = (await contacts.getAll(10, undefined, ['email'])).map(({ id }) => id);
    return [ids.length > 20, ids.length - new Set(ids).size];
  },
  async search() {
    const filters = [{ propertyName: 'email', operator: 'HAS_PROPERTY' }];
    const found = await contacts.searchApi.doSearch({ filterGroups: [{ filters }], properties: ['email'], limit: 2, after: '0', sorts: [] });
    return [found.total > 2, found.results.length, found.paging.next.after];
  },
  async batch() {
    const made = await contacts.batchApi.create({ inputs: [1, 2].map((n) => ({ properties: { email: `node${n}@example.com` }, associations: [] })) });
    const inputs = ['node1@example.com', 'nobody@example.com'].map((id) => ({ id }));
    const read = await contacts.batchApi.read({ inputs, idProperty: 'email', properties: ['email'], propertiesWithHistory: [] });
    return [made.status, made.results.length, read.results.length, read.numErrors, read.errors[0].category];
  },
  async associations() {
    const { id } = await create({ email: 'node-linked@example.com' });
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 280 }];
    const company = await companies.basicApi.create({ properties: { name: 'Fremmed AS' }, associations: [{ to: { id }, types }] });
    const [one] = (await hs.crm.associations.v4.basicApi.getPage('contacts', id, 'companies')).results;
    const labels = await hs.crm.associations.v4.schema.definitionsApi.getAll('contacts', 'companies');
    return [String(one.toObjectId) === company.id, labels.results.length > 1];
  },
  async merge() {
    const [one, other] = [await create({ email: 'm1@example.com' }), await create({ email: 'm2@example.com' })];
    const merged = await contacts.basicApi.merge({ primaryObjectId: one.id, objectIdToMerge: other.id });
    return (await contacts.basicApi.getById(other.id)).id === merged.id;
  },
  async lists() {
    const { list } = await hs.crm.lists.listsApi.create({ name: 'Fra Node', objectTypeId: '0-1', processingType: 'MANUAL' });
    const { id } = await create({ email: 'node-listed@example.com' });
    const added = await hs.crm.lists.membershipsApi.add(list.listId, [id]);
    const members = await hs.crm.lists.membershipsApi.getPage(list.listId);
    return [added.recordsIdsAdded.length, members.results[0].recordId === id];
  },
  schemas: async () => (await hs.crm.schemas.coreApi.getAll()).results.length > 0,
  owners: async () => typeof (await hs.crm.owners.ownersApi.getPage()).results[0].userId,
  pipelines: async () => (await hs.crm.pipelines.pipelinesApi.getAll('deals')).results[0].id,
  properties: async () => (await hs.crm.properties.coreApi.getByName('contacts', 'email')).fieldType,
  account: async () => (await (await hs.apiRequest({ path: '/account-info/v3/details' })).json()).uiDomain,
});
