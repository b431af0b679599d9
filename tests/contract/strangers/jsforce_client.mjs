// jsforce (npm): OAuth and SOAP login, identity, metadata, rows, Collections, queries, replication, Bulk API 2.0, Tooling API.
import jsforce from 'jsforce';
import { refusal, run } from './steps.mjs';

const loginUrl = 'https://acme.my.salesforce.com';
const httpProxy = process.env.HTTPS_PROXY;
const sf = new jsforce.Connection({ version: '62.0', httpProxy, oauth2: { loginUrl, clientId: 'any', clientSecret: 'any', httpProxy } });
const account = sf.sobject('Account');
let username;

await run({
  async oauth() {
    await sf.authorize({ grant_type: 'client_credentials' });
    return sf.instanceUrl;
  },
  async identity() {
    const found = await sf.identity();
    username = found.username;
    return [found.asserted_user, found.active];
  },
  async soap() {
    const soap = new jsforce.Connection({ version: '60.0', loginUrl, httpProxy });
    await soap.login(username, 'anything');
    return (await soap.query('SELECT COUNT() FROM User')).totalSize > 0;
  },
  describeGlobal: async () => (await sf.describeGlobal()).sobjects.some(({ name }) => name === 'Lead'),
  describe: async () => (await sf.sobject('Lead').describe()).fields.find(({ name }) => name === 'LastName').nillable,
  async row() {
    const { id } = await account.create({ Name: 'Blåbær & Sønn' });
    await account.update({ Id: id, Phone: '22 33 44 55' });
    const read = await account.findOne({ Id: id }, 'Id, Name, Phone');
    await account.destroy(id);
    return [read.Name, read.Phone, await refusal(() => account.retrieve(id))];
  },
  async upsert() {
    const save = () => sf.sobject('Lead').upsert({ Lockstep_Id__c: 'js-1', LastName: 'A', Company: 'B' }, 'Lockstep_Id__c');
    return [(await save()).created, (await save()).created];
  },
  async collections() {
    const results = await sf.sobject('Contact').create([{ LastName: 'En' }, { FirstName: 'To' }]);
    return results.map(({ success, errors }) => [success, errors.map(({ statusCode, errorCode }) => statusCode ?? errorCode)]);
  },
  async pages() {
    const found = await sf.query('SELECT Id, Account.Name FROM Contact', { autoFetch: true, maxFetch: 10000 });
    return found.totalSize - found.records.length;
  },
  find: async () => (await sf.sobject('Contact').find({ LastName: { $like: '%' } }, 'Id').sort({ LastName: 1 }).limit(3)).length,
  deleted: async () => (await sf.query("SELECT Id FROM Account WHERE IsDeleted = true", { scanAll: true })).totalSize > 0,
  replication: async () => (await account.deleted(new Date(Date.now() - 3600e3), new Date(Date.now() + 120e3))).deletedRecords.length > 0,
  malformed: () => refusal(() => sf.query('SELECT FROM')),
  async bulk2() {
    const input = [{ LastName: 'Zoë "Z"\nB', Company: 'Js' }, { LastName: '', Company: 'Js' }];
    const done = await sf.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input, pollInterval: 100, pollTimeout: 20000 });
    const rows = [];
    for await (const row of await sf.bulk2.query("SELECT LastName FROM Lead WHERE Company = 'Js'", { pollInterval: 100 })) rows.push(row.LastName);
    return [rows, done.failedResults[0].sf__Error.split(':')[0], done.unprocessedRecords.length];
  },
  async tooling() {
    const made = await sf.tooling.sobject('CustomField').create({ FullName: 'Lead.Js__c', Metadata: { type: 'Text', length: 40, label: 'Js' } });
    return (await sf.tooling.query("SELECT DeveloperName FROM CustomField WHERE DeveloperName = 'Js'")).records.length * made.success;
  },
  limits: async () => (await sf.limits()).DailyApiRequests.Max - sf.limitInfo.apiUsage.limit,
  async revoked() {
    const { accessToken, instanceUrl } = sf;
    await sf.logout();
    return refusal(() => new jsforce.Connection({ accessToken, instanceUrl, httpProxy, version: '62.0' }).query('SELECT Id FROM Lead'));
  },
});
