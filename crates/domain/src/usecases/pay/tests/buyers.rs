//! The buyer and the tax of a payment.

use super::*;
use crate::fakes::buyers;
use crate::model::terms::{InvoicesProvider, NotSubject, TaxWord};

fn tax(word: &str) -> Tax {
    TaxWord::parse(word).unwrap().with(None, Some(NotSubject::ExportService)).unwrap()
}

/// The tax on the invoice for this buyer, if the payment names `named` and `agreed` is that of the service.
fn taxed(buyer: &Buyer, named: Option<&str>, agreed: Tax) -> Result<Tax, Error> {
    let (store, directory) = (pending(), Directory::with_price(1.0));
    let billing = Billing::Invoice(Terms { tax: agreed, ..terms() }.into());
    let payment = Payment { buyer: buyer.clone(), tax: named.map(tax), ..payment(1) };
    let recorded = block_on(pay(&ports(&store, &directory, &directory, &Env::new()), &billing, &payment, (None, None)));
    let nothing = store.jobs().is_empty() && store.record(0).enrolment.payment_status == PaymentStatus::Pending;
    assert_eq!(recorded.is_err(), nothing);
    let RecordedPayment { jobs, .. } = recorded?;
    let [Payload::Invoice(purchase)] = of_payment(&jobs)[..] else { panic!("an invoice") };
    assert_eq!(purchase.buyer, *buyer);
    Ok(purchase.terms.tax.clone())
}

#[test]
fn a_reverse_charge_with_another_tax_is_refused_before_anything_is_recorded() {
    for buyer in buyers() {
        let reverse_charge = buyer.company.as_ref().is_some_and(|company| company.reverse_charge);
        let (eu, np) = (Tax::NotSubject(NotSubject::ExportServiceEu), Tax::NotSubject(NotSubject::ExportService));
        for (named, agreed) in [(Some("8"), np.clone()), (None, tax("8"))] {
            let expected = if reverse_charge { Err(Error::ReverseCharge) } else { Ok(tax("8")) };
            assert_eq!(taxed(&buyer, named, agreed), expected, "{buyer:?}");
        }
        let expected = if reverse_charge { eu } else { np.clone() };
        for (named, agreed) in [(Some("np"), tax("8")), (Some("np"), np.clone()), (None, np)] {
            assert_eq!(taxed(&buyer, named, agreed), Ok(expected.clone()), "{buyer:?}");
        }
    }
}

#[test]
fn the_kind_of_np_is_that_of_the_service_unless_a_company_elsewhere_pays() {
    let eu = Tax::NotSubject(NotSubject::ExportServiceEu);
    for buyer in [Buyer::default(), company()] {
        for named in [None, Some("np")] {
            assert_eq!(taxed(&buyer, named, eu.clone()), Ok(eu.clone()));
        }
        assert_eq!(taxed(&buyer, Some("np"), tax("23")), Ok(Tax::NotSubject(NotSubject::ExportService)));
    }
}

/// Without an invoice, the buyer and the tax have no effect.
#[test]
fn a_payment_without_an_invoice_has_no_reverse_charge() {
    let store = pending();
    let directory = Directory::with_price(1.0);
    let env = Env::new();
    let ports = ports(&store, &directory, &directory, &env);
    let reverse_charge = |buyer: &Buyer| buyer.company.as_ref().is_some_and(|company| company.reverse_charge);
    let payment = Payment { buyer: buyers().into_iter().find(reverse_charge).unwrap(), ..payment(1) };
    let recorded = block_on(pay(&ports, &Billing::NoInvoice(currency("PLN")), &payment, (None, None)));
    assert!(recorded.is_ok());
    assert_eq!(store.record(0).invoices_provider, Some(InvoicesProvider::NoInvoices));
}
