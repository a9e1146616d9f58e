#!/bin/sh
# Makes an authority (ca.pem, ca-key.pem) and a certificate for a database server
# (server-cert.pem, server-key.pem) in the current folder. The argument is the host name in
# mysql_address. Set ssl_cert and ssl_key in the server's configuration to the last two.
set -eu
host=${1:?usage: certificates.sh db.internal}
openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj "/CN=enrolments" -keyout ca-key.pem -out ca.pem
openssl req -newkey rsa:3072 -nodes -subj "/CN=$host" -keyout server-key.pem -out server.csr
printf 'subjectAltName=DNS:%s' "$host" | openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem \
    -CAcreateserial -days 3650 -extfile /dev/stdin -out server-cert.pem
rm server.csr
