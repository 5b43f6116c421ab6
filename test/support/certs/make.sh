#!/bin/sh
# Makes the certificates, keys and CRLs that the tests use (OpenSSL 3). They are valid from 2020 to 2120, so that
# this runs only when a new one is needed. Nothing here protects anything: the keys are public.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=20200101000000Z
end=21200101000000Z

rsa() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key"; }
ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

# authority NAME SUBJECT ISSUER: a CA with its own database; ISSUER equal to NAME makes a root.
authority() {
  mkdir -p "$work/$1"
  : > "$work/$1/index.txt"
  echo 1000 > "$work/$1/serial"
  echo 01 > "$work/$1/crlnumber"
  cat > "$work/$1.cnf" <<CNF
[ca]
default_ca = this
[this]
database = $work/$1/index.txt
new_certs_dir = $work/$1
serial = $work/$1/serial
crlnumber = $work/$1/crlnumber
certificate = $1.pem
private_key = $1.key
default_md = sha256
default_startdate = $start
default_enddate = $end
policy = any
unique_subject = no
string_mask = utf8only
[any]
countryName = optional
organizationName = optional
commonName = optional
[ca_ext]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server_ext]
basicConstraints = CA:FALSE
subjectAltName = DNS:mail.example,DNS:localhost,IP:127.0.0.1
[client_ext]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
CNF
  ec "$1"
  if [ "$3" = "$1" ]; then
    sign "$1" "$2" "$1" ca_ext -selfsign
  else
    sign "$1" "$2" "$3" ca_ext
  fi
}

# sign NAME SUBJECT ISSUER EXTENSIONS [openssl ca options]
sign() {
  name=$1; subject=$2; issuer=$3; extensions=$4
  shift 4
  printf '[req]\ndistinguished_name=dn\nstring_mask=utf8only\n[dn]\n' > "$work/req.cnf"
  openssl req -new -utf8 -key "$name.key" -subj "$subject" -config "$work/req.cnf" -multivalue-rdn -out "$work/csr" 2>/dev/null
  openssl ca -batch -notext -utf8 -config "$work/$issuer.cnf" -extensions "$extensions" -in "$work/csr" -out "$name.pem" "$@" 2>/dev/null
}

authority ca '/CN=Test Root CA/O=Postern Tests' ca
authority other-ca '/CN=Other Root CA' other-ca
authority intermediate '/CN=Intermediate 1/O=Postern Tests' ca
authority intermediate2 '/CN=Intermediate 2/O=Postern Tests' intermediate

rsa server-rsa; sign server-rsa '/CN=mail.example' ca server_ext
ec server-ec; sign server-ec '/CN=mail.example' ca server_ext
ec server-expired
sign server-expired '/CN=mail.example' ca server_ext -selfsign -keyfile server-expired.key -startdate 20000101000000Z -enddate 20000201000000Z
openssl pkey -in server-rsa.key -aes128 -passout pass:secret -out server-rsa-encrypted.key

ec client; sign client '/C=US/O=Foo, Bar/CN=Jörg' ca client_ext
ec client-revoked; sign client-revoked '/CN=revoked' ca client_ext
ec client-expired; sign client-expired '/CN=expired' ca client_ext -startdate 20000101000000Z -enddate 20000201000000Z
ec client-stranger; sign client-stranger '/CN=stranger' other-ca client_ext
ec client-deep1; sign client-deep1 '/CN=deep1' intermediate client_ext
ec client-deep2; sign client-deep2 '/CN=deep2' intermediate2 client_ext
cat intermediate.pem >> client-deep1.pem
cat intermediate2.pem intermediate.pem >> client-deep2.pem
ec client-self; sign client-self '/CN=self' ca client_ext -selfsign -keyfile client-self.key

openssl ca -batch -config "$work/ca.cnf" -revoke client-revoked.pem 2>/dev/null
openssl ca -batch -config "$work/ca.cnf" -gencrl -crl_lastupdate $start -crl_nextupdate $end -out ca.crl 2>/dev/null

openssl genpkey -quiet -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dhparam.pem
rm -f ca.key other-ca.key intermediate.key intermediate2.key
