use super::*;
use crate::fakes::{buyers, company, user};
use crate::model::terms::TaxWord;

#[test]
fn names_have_a_limit() {
    let longest = "ż".repeat(Buyer::MAX_NAME);
    assert_eq!(Buyer::check_name(&format!(" {longest}\n")), Ok(longest.clone()));
    assert_eq!(Buyer::check_name(&format!("{longest}x")), Err(Invalid::TooLong(255)));
    assert_eq!((Buyer::check_name(" "), Buyer::check_name("a\nb")), (Err(Invalid::Blank), Err(Invalid::Control)));
}

#[test]
fn a_buyer_is_read_as_it_was_written() {
    for (buyer, json, version) in [
        (Buyer::default(), "null", 1),
        (
            company(),
            r#"{"name":"Acme","tax_no":"5252445767","street":"Prosta 1","post_code":"00-001","city":"Warszawa"}"#,
            1,
        ),
    ] {
        assert_eq!((serde_json::to_string(&buyer).unwrap().as_str(), buyer.version()), (json, version));
        assert_eq!(serde_json::from_str::<Buyer>(json).unwrap(), buyer);
    }
    for buyer in buyers() {
        let json = serde_json::to_string(&buyer).unwrap();
        assert_eq!(serde_json::from_str::<Buyer>(&json).unwrap(), buyer, "{json}");
        assert_eq!(buyer.version(), 3, "{json}");
    }
}

#[test]
fn what_is_no_buyer_is_refused() {
    let json = serde_json::to_string(&company()).unwrap();
    for (right, wrong) in [(r#""Acme""#, "7"), (r#""5252445767""#, "5252445767"), ("{", "[")] {
        assert!(serde_json::from_str::<Buyer>(&json.replace(right, wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn a_company_elsewhere_decides_what_kind_of_np_the_tax_is() {
    let tax = |word: &str| TaxWord::parse(word).unwrap().with(None, Some(NotSubject::ExportService)).unwrap();
    let of = |country: &str, reverse_charge| {
        let company = Company { name: "Acme".to_owned(), tax_id: TaxId::None, reverse_charge };
        let address = Address { country: Country::parse(country), ..Address::default() };
        Buyer { company: Some(company), address, recipient: None }
    };
    for (buyer, kind) in [
        (of("DE", true), NotSubject::ExportServiceEu),
        (of("DE", false), NotSubject::ExportService),
        (of("CH", true), NotSubject::ExportService),
        (of("CH", false), NotSubject::ExportService),
    ] {
        for agreed in [NotSubject::ExportService, NotSubject::ExportServiceEu] {
            assert_eq!(buyer.tax(Tax::NotSubject(agreed)), Ok(Tax::NotSubject(kind)));
        }
        let reverse_charge = buyer.company.as_ref().unwrap().reverse_charge;
        let expected = if reverse_charge { Err(Error::ReverseCharge) } else { Ok(tax("23")) };
        assert_eq!(buyer.tax(tax("23")), expected);
    }
    let eu = Tax::NotSubject(NotSubject::ExportServiceEu);
    for buyer in [Buyer::default(), company()] {
        assert_eq!((buyer.tax(eu.clone()), buyer.tax(tax("8"))), (Ok(eu.clone()), Ok(tax("8"))));
    }
}

#[test]
fn every_role_has_its_word() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(role));
        assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{}\"", role.as_str()));
    }
    assert_eq!(Role::parse("Recipient"), None);
}

#[test]
fn a_person_without_an_address_has_that_of_the_user() {
    let text = |text: &str| Some(text.to_owned());
    let address = |country: &str| Address {
        street: text("Prosta 1"),
        post_code: None,
        city: text("Warszawa"),
        country: Country::parse(country),
    };
    let bought = |buyer: Buyer, address: Address| buyer.for_user(&User { address, ..user() });
    for (country, expected) in [("PL", ""), ("US", "US")] {
        let expected = Buyer { address: address(expected), ..Buyer::default() };
        assert_eq!(bought(Buyer::default(), address(country)), expected);
    }
    for unknown in [
        Address { street: None, ..address("PL") },
        Address { city: None, ..address("PL") },
        address("ZZ"),
        address(""),
        Address::default(),
    ] {
        assert_eq!(bought(Buyer::default(), unknown.clone()), Buyer::default(), "{unknown:?}");
    }
    for buyer in buyers() {
        assert_eq!(bought(buyer.clone(), address("FR")), buyer, "it has its own");
    }
}
