// google-ads-api (npm): OAuth, accounts, queries, streams, uploads with partial failure, conversion actions.
import { enums, GoogleAdsApi } from 'google-ads-api';
import { refusal, run } from './steps.mjs';

const api = new GoogleAdsApi({ client_id: 'any', client_secret: 'any', developer_token: 'ignored' });
const customer = api.Customer({ customer_id: '2223334445', login_customer_id: '1112223334', refresh_token: 'any' });
const action = 'customers/2223334445/conversionActions/700002';
const stamp = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}+00:00`;

await run({
  accounts: async () => (await api.listAccessibleCustomers('any')).resource_names.length > 0,
  query: async () => (await customer.query('SELECT customer.conversion_tracking_setting.google_ads_conversion_customer FROM customer'))
    .map((row) => row.customer.conversion_tracking_setting.google_ads_conversion_customer),
  async stream() {
    let found = 0;
    for await (const row of customer.queryStream('SELECT conversion_action.id FROM conversion_action')) found += row.conversion_action.id ? 1 : 0;
    return found > 5;
  },
  refused: () => refusal(() => customer.query('SELECT customer.nonsense FROM customer'), ({ errors }) => Object.keys(errors[0].error_code)),
  async upload() {
    const row = { gclid: process.env.SANDBOX_GCLID, conversion_action: action, conversion_date_time: stamp(Date.now() - 5 * 86400e3), order_id: 'node-1' };
    const conversions = [row, { ...row, gclid: 'x', order_id: 'node-2' }];
    const done = await customer.conversionUploads.uploadClickConversions({ customer_id: '2223334445', partial_failure: true, conversions });
    return [done.results.map(({ gclid }) => gclid ?? null), done.partial_failure_error.code];
  },
  async create() {
    const { ConversionActionType: types, ConversionActionCategory: categories, ConversionActionStatus: statuses } = enums;
    const made = { name: 'Fra Node', type: types.UPLOAD_CLICKS, category: categories.QUALIFIED_LEAD, status: statuses.ENABLED };
    return (await customer.conversionActions.create([made])).results.length;
  },
});
