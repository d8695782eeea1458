import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Certificates = {
  ca: string;
  /** An authority that signed nothing. */
  otherCa: string;
  server: { cert: string; key: string };
  /** For another host's name. */
  misnamed: { cert: string; key: string };
  expired: { cert: string; key: string };
  client: { cert: string; key: string };
};

/** An authority and what it signed, as PEM files in a folder. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  const authority = (name: string): string => {
    openssl(
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.pem`],
      ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"],
    );
    return join(folder, `${name}.pem`);
  };
  const signed = (name: string, extensions: string, days = "2"): { cert: string; key: string } => {
    openssl(
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`],
    );
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-days", days, "-extfile", `${name}.ext`, "-out", `${name}.pem`],
    );
    return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  };
  const ca = authority("ca");
  const local = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth";
  return {
    ca,
    otherCa: authority("other-ca"),
    server: signed("server", local),
    misnamed: signed("misnamed", "subjectAltName=DNS:elsewhere.example\nextendedKeyUsage=serverAuth"),
    expired: signed("expired", local, "-1"),
    client: signed("client", "extendedKeyUsage=clientAuth"),
  };
}
