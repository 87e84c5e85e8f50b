/* Signature version 4 for the GET of one object, as a query, in nginx's JavaScript. Source: Amazon
   S3, "Authenticating Requests: Using Query Parameters". Paths hold letters, digits and _ . / -
   only, so they need no encoding.

   In the query and not in a header, because nginx computes a variable once a request: a film that
   a slow line takes hours to fetch asks for its last pieces with the signature of the first, and a
   header's is void after a quarter of an hour. */

import crypto from "crypto";

const LIFETIME = 12 * 3600;

function sha256(text) {
  return crypto.createHash("sha256").update(text).digest("hex");
}

function hmac(key, text, encoding) {
  return crypto.createHmac("sha256", key).update(text).digest(encoding);
}

function query(r) {
  const v = r.variables;
  const at = new Date(Number(v.msec) * 1000).toISOString().replace(/[:-]|\.[0-9]+/g, "");
  const day = at.slice(0, 8);
  const scope = [day, v.store_region, "s3", "aws4_request"];
  const fields = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    `X-Amz-Credential=${encodeURIComponent([v.store_key].concat(scope).join("/"))}`,
    `X-Amz-Date=${at}`,
    `X-Amz-Expires=${LIFETIME}`,
    "X-Amz-SignedHeaders=host",
  ].join("&");
  const request = [
    "GET", v.store_path, fields, `host:${v.store_host}`, "", "host", "UNSIGNED-PAYLOAD",
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", at, scope.join("/"), sha256(request)].join("\n");
  const key = scope.reduce((made, part) => hmac(made, part), `AWS4${v.store_secret}`);
  return `${fields}&X-Amz-Signature=${hmac(key, text, "hex")}`;
}

export default { query };
