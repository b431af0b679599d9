// @google-ads/datamanager (npm, Google's): events and their status over gRPC.
import datamanager from '@google-ads/datamanager';
import { refusal, run } from './steps.mjs';

const credentials = { type: 'authorized_user', client_id: 'any', client_secret: 'any', refresh_token: 'any' };
const client = new datamanager.v1.IngestionServiceClient({ credentials });
const account = (accountId) => ({ accountType: 'GOOGLE_ADS', accountId });
const destinations = [{ operatingAccount: account('2223334445'), loginAccount: account('1112223334'), productDestinationId: '700002' }];
const eventTimestamp = { seconds: Math.floor(Date.now() / 1000) - 5 * 86400 };
const event = { transactionId: 'node-dm-1', eventTimestamp, adIdentifiers: { gclid: process.env.SANDBOX_GCLID }, eventSource: 'WEB' };
let requestId;

await run({
  async ingest() {
    [{ requestId }] = await client.ingestEvents({ destinations, events: [event] });
    return requestId.length > 0;
  },
  async status() {
    const [found] = await client.retrieveRequestStatus({ requestId });
    return found.requestStatusPerDestination[0].requestStatus;
  },
  refused: () => refusal(() => client.ingestEvents({ destinations, events: [{ ...event, adIdentifiers: null }] }),
    ({ code, statusDetails }) => [code, statusDetails.some(({ fieldViolations }) => fieldViolations?.length > 0)]),
});
