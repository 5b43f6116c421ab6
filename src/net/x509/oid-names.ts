// OpenSSL's short names of the attributes of a distinguished name and of signature algorithms.

const X520 = '2.5.4.';
const COSINE = '0.9.2342.19200300.100.1.';
const PKCS9 = '1.2.840.113549.1.9.';
const EV = '1.3.6.1.4.1.311.60.2.1.';
const PKCS1 = '1.2.840.113549.1.1.';
const ECDSA = '1.2.840.10045.4.';
const NIST_SIGS = '2.16.840.1.101.3.4.3.';

/** Attributes by object identifier. One that is not here is written by its number, and its value in hex. */
export const ATTRIBUTE_NAMES: ReadonlyMap<string, string> = new Map([
  ...numbered(X520, 3, 'CN SN serialNumber C L ST street O OU title description searchGuide businessCategory'),
  ...numbered(X520, 16, 'postalAddress postalCode postOfficeBox physicalDeliveryOfficeName telephoneNumber'),
  ...numbered(X520, 21, 'telexNumber teletexTerminalIdentifier facsimileTelephoneNumber x121Address'),
  ...numbered(X520, 25, 'internationaliSDNNumber registeredAddress destinationIndicator preferredDeliveryMethod'),
  ...numbered(X520, 29, 'presentationAddress supportedApplicationContext member owner roleOccupant seeAlso'),
  ...numbered(X520, 35, 'userPassword userCertificate cACertificate authorityRevocationList'),
  ...numbered(X520, 39, 'certificateRevocationList crossCertificatePair name GN initials generationQualifier'),
  ...numbered(X520, 45, 'x500UniqueIdentifier dnQualifier enhancedSearchGuide protocolInformation'),
  ...numbered(X520, 49, 'distinguishedName uniqueMember houseIdentifier supportedAlgorithms deltaRevocationList'),
  ...numbered(X520, 54, 'dmdName'),
  ...numbered(X520, 65, 'pseudonym'),
  ...numbered(X520, 72, 'role'),
  ...numbered(X520, 97, 'organizationIdentifier c3 n3 dnsName'),
  ...numbered(COSINE, 1, 'UID textEncodedORAddress mail info favouriteDrink roomNumber photo userClass host manager'),
  ...numbered(COSINE, 11, 'documentIdentifier documentTitle documentVersion documentAuthor documentLocation'),
  ...numbered(COSINE, 20, 'homeTelephoneNumber secretary otherMailbox lastModifiedTime lastModifiedBy DC aRecord'),
  ...numbered(COSINE, 27, 'pilotAttributeType27 mXRecord nSRecord sOARecord cNAMERecord'),
  ...numbered(COSINE, 37, 'associatedDomain associatedName homePostalAddress personalTitle mobileTelephoneNumber'),
  ...numbered(COSINE, 42, 'pagerTelephoneNumber friendlyCountryName uid organizationalStatus janetMailbox'),
  ...numbered(COSINE, 47, 'mailPreferenceOption buildingName dSAQuality singleLevelQuality subtreeMinimumQuality'),
  ...numbered(COSINE, 52, 'subtreeMaximumQuality personalSignature dITRedirect audio documentPublisher'),
  ...numbered(PKCS9, 1, 'emailAddress unstructuredName contentType messageDigest signingTime countersignature'),
  ...numbered(PKCS9, 7, 'challengePassword unstructuredAddress extendedCertificateAttributes'),
  ...numbered(PKCS9, 14, 'extReq SMIME-CAPS SMIME'),
  ...numbered(PKCS9, 20, 'friendlyName localKeyID'),
  ...numbered(EV, 1, 'jurisdictionL jurisdictionST jurisdictionC'),
]);

/** Signature algorithms of certificates by object identifier. */
export const SIGNATURE_NAMES: ReadonlyMap<string, string> = new Map([
  ...numbered(PKCS1, 2, 'RSA-MD2 RSA-MD4 RSA-MD5 RSA-SHA1'),
  ...numbered(PKCS1, 10, 'RSASSA-PSS RSA-SHA256 RSA-SHA384 RSA-SHA512 RSA-SHA224'),
  ...numbered(ECDSA, 1, 'ecdsa-with-SHA1 ecdsa-with-Recommended ecdsa-with-Specified'),
  ...numbered(`${ECDSA}3.`, 1, 'ecdsa-with-SHA224 ecdsa-with-SHA256 ecdsa-with-SHA384 ecdsa-with-SHA512'),
  ...numbered(NIST_SIGS, 1, 'dsa_with_SHA224 dsa_with_SHA256 dsa_with_SHA384 dsa_with_SHA512'),
  ...numbered(NIST_SIGS, 9, 'ecdsa_with_SHA3-224 ecdsa_with_SHA3-256 ecdsa_with_SHA3-384 ecdsa_with_SHA3-512'),
  ...numbered(NIST_SIGS, 13, 'id-rsassa-pkcs1-v1_5-with-sha3-224 id-rsassa-pkcs1-v1_5-with-sha3-256'),
  ...numbered(NIST_SIGS, 15, 'id-rsassa-pkcs1-v1_5-with-sha3-384 id-rsassa-pkcs1-v1_5-with-sha3-512'),
  ...numbered('1.3.101.', 112, 'ED25519 ED448'),
  ['1.2.840.10040.4.3', 'DSA-SHA1'],
  ['1.2.156.10197.1.501', 'SM2-SM3'],
]);

/** Consecutive last numbers of one arc. */
function numbered(arc: string, first: number, names: string): [string, string][] {
  return names.split(' ').map((name, i) => [`${arc}${first + i}`, name]);
}
