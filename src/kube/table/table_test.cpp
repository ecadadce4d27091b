#include "kube/table/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/table/human_time.h"

namespace podwire::kube {
namespace {

/// The row's cells as JSON. Objects are written with ' for ", and were created five minutes ago.
std::string row(std::string_view resource, std::string text) {
  std::ranges::replace(text, '\'', '"');
  auto object = json::parse(text).as_object();
  auto& meta = object_at(object, "metadata");
  meta["name"] = "x";
  meta["creationTimestamp"] = "2026-11-23T10:15:30Z";
  const auto cells = cells_of(resource, object, *parse_time("2026-11-23T10:20:30Z"));
  EXPECT_EQ(cells.size(), columns_of(resource).size()) << resource;
  std::string out = json::serialize(cells);
  std::ranges::replace(out, '"', '\'');
  return out;
}

/// "Name,Age [Wide]": the columns' names, those with priority 1 in brackets.
std::string columns(std::string_view resource) {
  std::string out;
  for (const auto& value : columns_of(resource)) {
    const auto& column = value.as_object();
    EXPECT_FALSE(text_in(column, "type").empty());
    EXPECT_EQ(text_in(column, "format"), text_in(column, "name") == "Name" ? "name" : "");
    EXPECT_FALSE(text_in(column, "description").empty());

    if (!out.empty()) out += ",";
    const bool wide = column.at("priority").as_int64() == 1;
    out += (wide ? "[" : "") + std::string(text_in(column, "name")) + (wide ? "]" : "");
  }
  return out;
}

TEST(Columns, AreKubectls) {
  EXPECT_EQ(columns("pods"), "Name,Ready,Status,Restarts,Age,[IP],[Node],[Nominated Node],[Readiness Gates]");
  EXPECT_EQ(columns("nodes"),
            "Name,Status,Roles,Age,Version,[Internal-IP],[External-IP],[OS-Image],[Kernel-Version],"
            "[Container-Runtime]");
  EXPECT_EQ(columns("namespaces"), "Name,Status,Age");
  EXPECT_EQ(columns("services"), "Name,Type,Cluster-IP,External-IP,Port(s),Age,[Selector]");
  EXPECT_EQ(columns("endpoints"), "Name,Endpoints,Age");
  EXPECT_EQ(columns("endpointslices.discovery.k8s.io"), "Name,AddressType,Ports,Endpoints,Age");
  EXPECT_EQ(columns("deployments.apps"),
            "Name,Ready,Up-to-date,Available,Age,[Containers],[Images],[Selector]");
  EXPECT_EQ(columns("replicasets.apps"), "Name,Desired,Current,Ready,Age,[Containers],[Images],[Selector]");
  EXPECT_EQ(
      columns("daemonsets.apps"),
      "Name,Desired,Current,Ready,Up-to-date,Available,Node Selector,Age,[Containers],[Images],[Selector]");
  EXPECT_EQ(columns("networkpolicies.networking.k8s.io"), "Name,Pod-Selector,Age");
  EXPECT_EQ(columns("servicecidrs.networking.k8s.io"), "Name,CIDRs,Age");
  EXPECT_EQ(columns("ipaddresses.networking.k8s.io"), "Name,ParentRef,Age");
  EXPECT_EQ(columns("addressblocks.podwire.io"), "Name,CIDR,Node,Age");
  EXPECT_EQ(columns("leases.coordination.k8s.io"), "Name,Holder,Age");
  EXPECT_EQ(columns("events"),
            "Last Seen,Type,Reason,Object,[Subobject],[Source],Message,[First Seen],[Count],[Name]");
  EXPECT_EQ(columns("configmaps"), "Name,Data,Age");
  EXPECT_EQ(columns("secrets"), "Name,Type,Data,Age");
  EXPECT_EQ(columns("serviceaccounts"), "Name,Secrets,Age");
  EXPECT_EQ(columns("roles.rbac.authorization.k8s.io"), "Name,Created At");
  EXPECT_EQ(columns("clusterroles.rbac.authorization.k8s.io"), "Name,Created At");
  EXPECT_EQ(columns("rolebindings.rbac.authorization.k8s.io"),
            "Name,Role,Age,[Users],[Groups],[ServiceAccounts]");
  EXPECT_EQ(columns("clusterrolebindings.rbac.authorization.k8s.io"),
            "Name,Role,Age,[Users],[Groups],[ServiceAccounts]");
  EXPECT_EQ(columns("statefulsets.apps"), "Name,Age");
}

TEST(Cells, AnEmptyObjectHasARowOfEveryKind) {
  for (const auto* resource : {"pods",
                               "nodes",
                               "namespaces",
                               "services",
                               "endpoints",
                               "endpointslices.discovery.k8s.io",
                               "networkpolicies.networking.k8s.io",
                               "servicecidrs.networking.k8s.io",
                               "ipaddresses.networking.k8s.io",
                               "addressblocks.podwire.io",
                               "deployments.apps",
                               "replicasets.apps",
                               "daemonsets.apps",
                               "events",
                               "leases.coordination.k8s.io",
                               "configmaps",
                               "secrets",
                               "serviceaccounts",
                               "roles.rbac.authorization.k8s.io",
                               "rolebindings.rbac.authorization.k8s.io",
                               "anything"})
    EXPECT_EQ(cells_of(resource, {}, {}).size(), columns_of(resource).size()) << resource;
}

TEST(Cells, Default) {
  EXPECT_EQ(row("anything", "{}"), "['x','5m']");
  EXPECT_EQ(json::serialize(cells_of("anything", {}, {})), R"(["","<unknown>"])");
}

TEST(Cells, Namespace) {
  EXPECT_EQ(row("namespaces", "{'status':{'phase':'Active'}}"), "['x','Active','5m']");
}

TEST(Cells, Node) {
  EXPECT_EQ(row("nodes", "{}"),
            "['x','Unknown','<none>','5m','','<none>','<none>','<unknown>','<unknown>',"
            "'<unknown>']");
  EXPECT_EQ(
      row("nodes",
          "{'metadata':{'labels':{'node-role.kubernetes.io/worker':'','kubernetes.io/role':'edge',"
          "'node-role.kubernetes.io/':'','node-role.kubernetes.io/control-plane':''}},"
          "'spec':{'unschedulable':true},'status':{'conditions':[{'type':'MemoryPressure',"
          "'status':'False'},{'type':'Ready','status':'True'}],'addresses':[{'type':'Hostname',"
          "'address':'x'},{'type':'InternalIP','address':'10.89.0.11'},{'type':'InternalIP','address':"
          "'fd89::b'},{'type':'ExternalIP','address':'192.0.2.1'}],'nodeInfo':{'kubeletVersion':'v0.1.0',"
          "'osImage':'Debian','kernelVersion':'6.1','containerRuntimeVersion':'podwire://0.1.0'}}}"),
      "['x','Ready,SchedulingDisabled','control-plane,edge,worker','5m','v0.1.0','10.89.0.11',"
      "'192.0.2.1','Debian','6.1','podwire://0.1.0']");
  EXPECT_EQ(row("nodes", "{'status':{'conditions':[{'type':'Ready','status':'Unknown'}]}}").substr(0, 15),
            "['x','NotReady'");
}

TEST(Cells, Service) {
  EXPECT_EQ(row("services",
                "{'spec':{'type':'ClusterIP','clusterIP':'10.96.0.1','clusterIPs':['10.96.0.1','fd00::1'],"
                "'ports':[{'port':443,'protocol':'TCP'}]}}"),
            "['x','ClusterIP','10.96.0.1','<none>','443/TCP','5m','<none>']");
  EXPECT_EQ(
      row("services",
          "{'spec':{'type':'NodePort','clusterIPs':['10.96.0.9'],'externalIPs':['192.0.2.1','192.0.2.2'],"
          "'ports':[{'port':80,'nodePort':30080,'protocol':'TCP'},{'port':53,'protocol':'UDP'}],"
          "'selector':{'tier':'front','app':'web'}}}"),
      "['x','NodePort','10.96.0.9','192.0.2.1,192.0.2.2','80:30080/TCP,53/UDP','5m','app=web,tier=front']");
  EXPECT_EQ(row("services", "{'spec':{'type':'ClusterIP','clusterIP':'None','clusterIPs':['None']}}"),
            "['x','ClusterIP','None','<none>','<none>','5m','<none>']");
  EXPECT_EQ(row("services", "{'spec':{'type':'ExternalName','externalName':'example.org'}}"),
            "['x','ExternalName','<none>','example.org','<none>','5m','<none>']");
}

TEST(Cells, ServiceWithABalancer) {
  const auto with = [](std::string_view external) {
    return "['x','LoadBalancer','1.1.1.1','" + std::string(external) + "','<none>','5m','<none>']";
  };
  EXPECT_EQ(row("services", "{'spec':{'type':'LoadBalancer','clusterIP':'1.1.1.1'}}"), with("<pending>"));
  EXPECT_EQ(row("services",
                "{'spec':{'type':'LoadBalancer','clusterIP':'1.1.1.1'},'status':{'loadBalancer':{'ingress':"
                "[{'ip':'192.0.2.9'},{'hostname':'lb.example.org'},{'ip':'192.0.2.10'},{}]}}}"),
            with("192.0.2.10,192.0.2.9,lb.example.org"));
  EXPECT_EQ(row("services",
                "{'spec':{'type':'LoadBalancer','clusterIP':'1.1.1.1','externalIPs':['10.9.9.9']},"
                "'status':{'loadBalancer':{'ingress':[{'ip':'192.0.2.9'}]}}}"),
            with("192.0.2.9,10.9.9.9"));
}

TEST(Cells, Endpoints) {
  EXPECT_EQ(row("endpoints", "{}"), "['x','<none>','5m']");
  EXPECT_EQ(row("endpoints",
                "{'subsets':[{'addresses':[{'ip':'10.1.0.2'},{'ip':'fd00::2'}],"
                "'ports':[{'port':80}]}]}"),
            "['x','10.1.0.2:80,[fd00::2]:80','5m']");
  EXPECT_EQ(row("endpoints",
                "{'subsets':[{'addresses':[{'ip':'a'},{'ip':'b'}],'ports':[{'port':1},{'port':2}]},"
                "{'addresses':[{'ip':'c'},{'ip':'d'}],'ports':[{'port':3}]}]}"),
            "['x','a:1,b:1,a:2 + 3 more...','5m']");
  EXPECT_EQ(row("endpoints", "{'subsets':[{'addresses':[{'ip':'10.1.0.2'}]}]}"), "['x','10.1.0.2','5m']");
  EXPECT_EQ(row("endpoints", "{'subsets':[{'notReadyAddresses':[{'ip':'10.1.0.2'}],'ports':[{'port':1}]}]}"),
            "['x','','5m']");
}

TEST(Cells, EndpointSlice) {
  EXPECT_EQ(row("endpointslices.discovery.k8s.io", "{'addressType':'IPv4'}"),
            "['x','IPv4','<unset>','<unset>','5m']");
  EXPECT_EQ(row("endpointslices.discovery.k8s.io",
                "{'addressType':'IPv6','ports':[{'port':80},{'name':'any'},{},{'port':1}],"
                "'endpoints':[{'addresses':['fd00::2']},{'addresses':['fd00::3']}]}"),
            "['x','IPv6','80,any,* + 1 more...','fd00::2,fd00::3','5m']");
}

TEST(Cells, Networking) {
  EXPECT_EQ(row("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{}}}"), "['x','<none>','5m']");
  EXPECT_EQ(row("networkpolicies.networking.k8s.io",
                "{'spec':{'podSelector':{'matchLabels':{'app':'web'},'matchExpressions':[{'key':'tier',"
                "'operator':'In','values':['b','a']},{'key':'env','operator':'NotIn','values':['dev']},"
                "{'key':'aaa','operator':'Exists'},{'key':'zzz','operator':'DoesNotExist'}]}}}"),
            "['x','aaa,app=web,env notin (dev),tier in (a,b),!zzz','5m']");
  EXPECT_EQ(row("servicecidrs.networking.k8s.io", "{'spec':{'cidrs':['10.96.0.0/12','fd00::/108']}}"),
            "['x','10.96.0.0/12,fd00::/108','5m']");
  EXPECT_EQ(row("ipaddresses.networking.k8s.io",
                "{'spec':{'parentRef':{'group':'','resource':'services','namespace':'default',"
                "'name':'kubernetes'}}}"),
            "['x','services/default/kubernetes','5m']");
  EXPECT_EQ(row("ipaddresses.networking.k8s.io",
                "{'spec':{'parentRef':{'group':'g.io','resource':'gates','name':'a'}}}"),
            "['x','gates.g.io/a','5m']");
  EXPECT_EQ(row("addressblocks.podwire.io", "{'spec':{'cidr':'10.244.0.64/26','nodeName':'node0'}}"),
            "['x','10.244.0.64/26','node0','5m']");
}

constexpr auto* kTemplate =
    "'selector':{'matchLabels':{'app':'web'}},'template':{'spec':{'nodeSelector':{'disk':'ssd'},"
    "'containers':[{'name':'a','image':'web:1'},{'name':'b','image':'log:2'}]}}";

TEST(Cells, Workloads) {
  EXPECT_EQ(row("deployments.apps",
                std::string("{'spec':{'replicas':3,") + kTemplate +
                    "},'status':{'readyReplicas':2,'updatedReplicas':3,'availableReplicas':1}}"),
            "['x','2/3',3,1,'5m','a,b','web:1,log:2','app=web']");
  EXPECT_EQ(row("deployments.apps", "{'spec':{'replicas':0}}"), "['x','0/0',0,0,'5m','','','<none>']");
  EXPECT_EQ(row("replicasets.apps", std::string("{'spec':{'replicas':3,") + kTemplate +
                                        "},'status':{'replicas':2,'readyReplicas':1}}"),
            "['x',3,2,1,'5m','a,b','web:1,log:2','app=web']");
  EXPECT_EQ(row("daemonsets.apps", std::string("{'spec':{") + kTemplate +
                                       "},'status':{'desiredNumberScheduled':5,'currentNumberScheduled':4,"
                                       "'numberReady':3,'updatedNumberScheduled':2,'numberAvailable':1}}"),
            "['x',5,4,3,2,1,'disk=ssd','5m','a,b','web:1,log:2','app=web']");
}

TEST(Cells, EventsOfBothGroups) {
  EXPECT_EQ(
      row("events",
          "{'firstTimestamp':'2026-11-23T10:10:30Z','lastTimestamp':'2026-11-23T10:20:00Z','count':7,"
          "'type':'Warning','reason':'BackOff','message':' again\\n','source':{'component':'agent','host':"
          "'n1'},'involvedObject':{'kind':'Pod','name':'web-0','fieldPath':'spec.containers{a}'}}"),
      "['30s','Warning','BackOff','pod/web-0','spec.containers{a}','agent, n1','again','10m',7,'x']");
  EXPECT_EQ(
      row("events",
          "{'eventTime':'2026-11-23T10:20:20.000001Z','type':'Normal','reason':'Scheduled','note':'bound',"
          "'reportingController':'scheduler','reportingInstance':'s-1','regarding':{'kind':'Pod',"
          "'name':'web-0'}}"),
      "['10s','Normal','Scheduled','pod/web-0','','scheduler, s-1','bound','10s',1,'x']");
  EXPECT_EQ(
      row("events",
          "{'eventTime':'2026-11-23T10:10:30.000001Z','series':{'count':9,'lastObservedTime':"
          "'2026-11-23T10:20:29.5Z'},'type':'Normal','reason':'R','message':'m','reportingComponent':'c',"
          "'involvedObject':{'kind':'Node'}}"),
      "['1s','Normal','R','node','','c','m','10m',9,'x']");
}

TEST(Cells, ConfigurationAndAccess) {
  EXPECT_EQ(row("configmaps", "{'data':{'a':'1','b':'2'},'binaryData':{'c':''}}"), "['x',3,'5m']");
  EXPECT_EQ(row("secrets", "{'type':'Opaque','data':{'a':'MQ=='}}"), "['x','Opaque',1,'5m']");
  EXPECT_EQ(row("serviceaccounts", "{}"), "['x',0,'5m']");
  EXPECT_EQ(row("leases.coordination.k8s.io", "{'spec':{'holderIdentity':'node-1'}}"), "['x','node-1','5m']");
  EXPECT_EQ(row("clusterroles.rbac.authorization.k8s.io", "{}"), "['x','2026-11-23T10:15:30Z']");
  EXPECT_EQ(row("rolebindings.rbac.authorization.k8s.io",
                "{'roleRef':{'kind':'ClusterRole','name':'view'},'subjects':[{'kind':'User','name':'ann'},"
                "{'kind':'Group','name':'dev'},{'kind':'User','name':'bob'},{'kind':'ServiceAccount',"
                "'name':'ci','namespace':'build'}]}"),
            "['x','ClusterRole/view','5m','ann, bob','dev','build/ci']");
}

}  // namespace
}  // namespace podwire::kube
