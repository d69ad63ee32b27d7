import { server } from "./clients.ts";
import { missing } from "./proof.ts";

const { storage } = server();
const code = "FeatureNotEnabled";

const lifecycle = "files have no versions";
const rules = { rules: [] };
missing("storage.getBucketLifecycle", lifecycle, code, () => storage.getBucketLifecycle("evidence"));
missing("storage.updateBucketLifecycle", lifecycle, code, () => storage.updateBucketLifecycle("evidence", rules));
missing("storage.deleteBucketLifecycle", lifecycle, code, () => storage.deleteBucketLifecycle("evidence"));

const vector = "no vector buckets";
const { vectors } = storage;
const bucket = vectors.from("bucket");
const index = bucket.index("index");
const data = { float32: [1, 2, 3] };
const shape = { indexName: "index", dataType: "float32", dimension: 3, distanceMetric: "cosine" };
missing("storage.vectors.createBucket", vector, code, () => vectors.createBucket("bucket"));
missing("storage.vectors.getBucket", vector, code, () => vectors.getBucket("bucket"));
missing("storage.vectors.listBuckets", vector, code, () => vectors.listBuckets());
missing("storage.vectors.deleteBucket", vector, code, () => vectors.deleteBucket("bucket"));
missing("storage.vectors.from", vector, code, () => vectors.from("bucket").listIndexes());
missing("storage.vectors.from.createIndex", vector, code, () => bucket.createIndex(shape));
missing("storage.vectors.from.getIndex", vector, code, () => bucket.getIndex("index"));
missing("storage.vectors.from.listIndexes", vector, code, () => bucket.listIndexes());
missing("storage.vectors.from.deleteIndex", vector, code, () => bucket.deleteIndex("index"));
missing("storage.vectors.from.index", vector, code, () => bucket.index("index").listVectors());
const put = { vectors: [{ key: "a", data }] };
const query = { queryVector: data, topK: 1 };
missing("storage.vectors.from.index.putVectors", vector, code, () => index.putVectors(put));
missing("storage.vectors.from.index.getVectors", vector, code, () => index.getVectors({ keys: ["a"] }));
missing("storage.vectors.from.index.listVectors", vector, code, () => index.listVectors());
missing("storage.vectors.from.index.queryVectors", vector, code, () => index.queryVectors(query));
missing("storage.vectors.from.index.deleteVectors", vector, code, () => index.deleteVectors({ keys: ["a"] }));

const iceberg = "no Iceberg buckets";
const { analytics } = storage;
missing("storage.analytics.createBucket", iceberg, code, () => analytics.createBucket("bucket"));
missing("storage.analytics.listBuckets", iceberg, code, () => analytics.listBuckets());
missing("storage.analytics.deleteBucket", iceberg, code, () => analytics.deleteBucket("bucket"));

const catalog = analytics.from("bucket");
const namespace = { namespace: ["space"] };
const table = { ...namespace, name: "table" };
const newTable = { name: "table", schema: { type: "struct" as const, "schema-id": 0, fields: [] } };
const body = { status: 403, details: { code } };

/** iceberg-js keeps the answer as `details`. */
const tables = (method: string, call: () => Promise<unknown>, seen: object = body) =>
  missing(`storage.analytics.${method}`, iceberg, code, call, seen);

tables("from", () => analytics.from("bucket").listNamespaces());
tables("from.listNamespaces", () => catalog.listNamespaces());
tables("from.createNamespace", () => catalog.createNamespace(namespace));
tables("from.createNamespaceIfNotExists", () => catalog.createNamespaceIfNotExists(namespace));
tables("from.dropNamespace", () => catalog.dropNamespace(namespace));
tables("from.loadNamespaceMetadata", () => catalog.loadNamespaceMetadata(namespace));
tables("from.listTables", () => catalog.listTables(namespace));
tables("from.createTable", () => catalog.createTable(namespace, newTable));
tables("from.createTableIfNotExists", () => catalog.createTableIfNotExists(namespace, newTable));
tables("from.updateTable", () => catalog.updateTable(table, { properties: {} }));
tables("from.loadTable", () => catalog.loadTable(table));
tables("from.dropTable", () => catalog.dropTable(table));
// These two ask by HEAD, whose answer has no body.
tables("from.namespaceExists", () => catalog.namespaceExists(namespace), { status: 403 });
tables("from.tableExists", () => catalog.tableExists(table), { status: 403 });
