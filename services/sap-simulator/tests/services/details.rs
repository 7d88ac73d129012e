//! What there is to know of a product, four ways.

use mirror_sap_simulator::Product;
use serde_json::json;

use super::*;

const MASTER: &str = "/sap/opu/odata/sap/API_MKT_PRODUCT_SRV/ProductOriginDataSet";
const CACHE: &str = "/reco/api/API_MKT_RECOMMENDATION_SRV";
const ACCESS: &str = "_L54AD1F204_='c2NlbmFyaW8x'&_K13_=7&_V_=1&_K14_='a1b2'";

#[tokio::test]
async fn the_product_master_knows_names_pictures_and_links() {
    let shop = Fixture::new();
    let key = "(ProductOrigin='SAP_HYBRIS_PRODUCT',ProductID='TEA-100')";
    let answer = shop.get(&format!("{MASTER}{key}?$expand=ProductNames&$format=json")).await;
    let product = &body(&answer)["d"];
    assert_eq!(product["ProductID"], "TEA-100");
    assert_eq!(product["ProductImageURL"], "http://mirror.example:8090/medias/tea-100.png");
    assert_eq!(product["WebsiteURL"], "https://shop.example/p/TEA-100");
    let names = &product["ProductNames"]["results"];
    assert_eq!(fields(names, "Language"), ["DE", "EN"]);
    assert_eq!(fields(names, "Name"), ["Grüner Tee 100 g", "Green tea 100 g"]);
    assert!(!answer.body().windows(4).any(|word| word == b"6.50"), "it knows no prices");

    let plain = body(&shop.get(&format!("{MASTER}{key}")).await);
    assert!(plain["d"]["ProductNames"]["__deferred"]["uri"].is_string());
}

#[tokio::test]
async fn the_product_master_takes_a_filter() {
    let shop = Fixture::new();
    shop.simulator.set_product(Product::new("O'Neill 1", "Shirt"));
    let term = |id: &str| format!("(ProductOrigin eq 'SAP_HYBRIS_PRODUCT' and ProductID eq '{id}')");
    let filter = format!("{} or {} or {}", term("TEA-300"), term("O''Neill 1"), term("none"));
    let filter = filter.replace(' ', "%20");
    let answer = shop.get(&format!("{MASTER}?$filter={filter}&$expand=ProductNames")).await;
    let list = &body(&answer)["d"]["results"];
    assert_eq!(fields(list, "ProductID"), ["O'Neill 1", "TEA-300"]);
    assert_eq!((&list[0]["ProductImageURL"], &list[0]["WebsiteURL"]), (&json!(""), &json!("")));

    let answer = shop.get(&format!("{MASTER}?$filter=Brand%20eq%20'x'")).await;
    assert_error(&answer, 400, "SY/530", "Brand eq 'x'");
}

#[tokio::test]
async fn the_product_master_says_what_it_does_not_have() {
    let shop = Fixture::new();
    let answer = shop.get(&format!("{MASTER}(ProductOrigin='SAP_HYBRIS_PRODUCT',ProductID='TEA-999')")).await;
    assert_error(&answer, 404, "/IWBEP/CM_MGW_RT/020", "TEA-999");
    assert_error(&shop.get(&format!("{MASTER}(TEA-100)")).await, 400, "SY/530", "TEA-100");
    let answer = shop.get(&MASTER.replace("ProductOriginDataSet", "Others")).await;
    assert_error(&answer, 400, "/IWFND/CM_MGW/051", "Others");
    assert_eq!(shop.visit(MASTER).await.status(), 401);
}

#[tokio::test]
async fn the_cache_answers_in_two_steps() {
    let shop = Fixture::new();
    let leading = "LeadingItemIds='MUG-001,MUG-002'&LeadingItemType='SAP_HYBRIS_PRODUCT'";
    let answer =
        shop.visit(&format!("{CACHE}/GetRecommendations?UserType='COOKIE_ID'&{leading}&{ACCESS}")).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let list = &body(&answer)["d"]["results"];
    assert_eq!(fields(list, "ResultObjectId"), ["TEA-100", "TEA-200", "TEA-300"]);

    let products = "ProductIds='TEA-200,TEA-100,none'&ProductOrigin='SAP_HYBRIS_PRODUCT'&Language='DE'";
    let answer = shop.visit(&format!("{CACHE}/GetProducts?{products}&{ACCESS}")).await;
    let list = &body(&answer)["d"]["results"];
    assert_eq!(fields(list, "ProductName"), ["Earl Grey 100 g", "Grüner Tee 100 g"]);
    assert_eq!(list[0]["ProductImageUrl"], "http://mirror.example:8090/medias/tea-200.png");
    assert_eq!(list[0]["ProductTargetUrl"], "https://shop.example/p/TEA-200");
}

#[tokio::test]
async fn the_cache_guards_itself_with_access_values() {
    let shop = Fixture::new();
    for wrong in [String::new(), ACCESS.replace("'a1b2'", "a1b2"), ACCESS.replace("_V_=1", "_V_=2")] {
        let answer = shop.visit(&format!("{CACHE}/GetRecommendations?{wrong}")).await;
        assert_error(&answer, 403, "CUAN_RECO/403", "access value");
    }
    let answer = shop.visit(&format!("{CACHE}/GetRecommendations?{ACCESS}&LeadingItemIds=MUG-001")).await;
    assert_error(&answer, 400, "SY/530", "LeadingItemIds");
    let answer = shop.visit(&format!("{CACHE}/GetAnything?{ACCESS}")).await;
    assert_error(&answer, 400, "/IWFND/CM_MGW/051", "GetAnything");
}

#[tokio::test]
async fn the_shop_adds_the_price() {
    let shop = Fixture::new();
    let path = "/occ/v2/mirror-shop/products/TEA-100";
    let product = body(&shop.visit(&format!("{path}?fields=FULL&lang=de&curr=EUR")).await);
    assert_eq!((&product["code"], &product["name"]), (&json!("TEA-100"), &json!("Grüner Tee 100 g")));
    let price = json!({"value": 6.5, "formattedValue": "EUR 6.50", "currencyIso": "EUR", "priceType": "BUY"});
    assert_eq!(product["price"], price);
    assert_eq!(fields(&product["images"], "url"), ["/medias/tea-100.png"; 2]);
    assert_eq!(product["stock"]["stockLevelStatus"], "inStock");

    let few = body(&shop.visit(&format!("{path}?fields=code,price(value)")).await);
    assert_eq!(few.as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "price"]);

    shop.simulator.set_product(Product::new("BAG", "Bag"));
    let bare = body(&shop.visit("/occ/v2/mirror-shop/products/BAG?fields=FULL").await);
    assert!(bare.get("price").is_none() && bare.get("images").is_none());
}

#[tokio::test]
async fn the_shop_words_errors_its_own_way() {
    let shop = Fixture::new();
    for (path, status, kind) in [
        ("/occ/v2/mirror-shop/products/X", 404, "UnknownIdentifierError"),
        ("/occ/v2/other/products/TEA-100", 400, "InvalidResourceError"),
        ("/occ/v2/mirror-shop/products/TEA-100?curr=USD", 400, "UnsupportedCurrencyError"),
        ("/occ/v2/mirror-shop/carts", 404, "UnknownResourceError"),
    ] {
        let answer = shop.visit(path).await;
        assert_eq!(answer.status(), status);
        assert_eq!(body(&answer)["errors"][0]["type"], kind);
    }
}

#[tokio::test]
async fn emarsys_answers_all_at_once() {
    let shop = Fixture::new();
    let path =
        "/merchants/SIMULATOR?f=f:RELATED,l:1,o:0%7Cf:POPULAR,l:4,o:1&v=i%3AMUG-001&vi=16BCC0D2745E6B36";
    let answer = body(&shop.visit(path).await);
    assert_eq!(answer["visitor"], "16BCC0D2745E6B36");
    let related = &answer["features"]["RELATED"];
    assert_eq!((fields(&related["items"], "id"), &related["hasMore"]), (vec!["TEA-100"], &json!(true)));
    assert_eq!(related["merchants"], json!(["SIMULATOR"]));
    let popular = &answer["features"]["POPULAR"];
    assert_eq!(
        (fields(&popular["items"], "id"), &popular["hasMore"]),
        (vec!["TEA-200", "TEA-300"], &json!(false))
    );
    let tea = &answer["products"]["TEA-100"];
    assert_eq!((&tea["title"], &tea["price"]), (&json!("Green tea 100 g"), &json!(6.5)));
    assert_eq!(tea["image"], "http://mirror.example:8090/medias/tea-100.png");

    let nothing = body(&shop.visit("/merchants/SIMULATOR?f=f:RELATED&v=i:none").await);
    assert_eq!(nothing["features"]["RELATED"]["items"], json!([]));
    assert!(nothing.get("products").is_none());
    assert_eq!(shop.visit("/merchants/OTHER?f=f:RELATED").await.status(), 404);

    shop.visit("/merchants/SIMULATOR?v=i:TEA-100,t:RELATED,c:AAAA").await;
    let feedback = shop.simulator.feedback();
    assert_eq!(feedback.clicks, [json!({"item": "TEA-100", "feature": "RELATED", "cohort": "AAAA"})]);
    assert_eq!(feedback.click_counts["MIRROR_TRIGGER"], 1);
}

#[tokio::test]
async fn pictures_are_served_under_their_names_only() {
    let shop = Fixture::new();
    shop.simulator.set_picture("new.jpg", b"jpeg".to_vec());
    for (path, media_type) in [("/medias/tea-100.png", "image/png"), ("/medias/new.jpg", "image/jpeg")] {
        let answer = shop.visit(path).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &media_type.parse().unwrap())
        );
    }
    for path in ["/medias/", "/medias/none.png", "/medias/..%2FCargo.toml", "/medias/tea-100.png/x"] {
        assert_eq!(shop.visit(path).await.status(), 404, "{path}");
    }
}
